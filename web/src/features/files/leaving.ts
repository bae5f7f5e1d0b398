/** Files that are about to be deleted. The service keeps no copy to bring back, so deleting waits while it can be undone. */

import { useSyncExternalStore } from "react";

import { answer, api } from "@/api/client";

// As long as its toast stands.
const WAIT_MS = 10_000;
const listeners = new Set<() => void>();
const timers = new Map<string, () => void>();
let ids: ReadonlySet<string> = new Set();

export function useLeaving(): ReadonlySet<string> {
  return useSyncExternalStore(
    (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    () => ids,
  );
}

export function leave(id: string, after: () => Promise<unknown>, failed: (error: unknown) => void): void {
  const now = () => {
    clearTimeout(timer);
    timers.delete(id);
    remove(id)
      .then(after, failed)
      .finally(() => set(id, false));
  };
  const timer = setTimeout(now, WAIT_MS);
  timers.set(id, now);
  set(id, true);
}

export function stay(id: string): void {
  if (!timers.delete(id)) return;
  set(id, false);
}

async function remove(id: string): Promise<void> {
  if (!ids.has(id)) return;
  await answer(
    api.DELETE("/api/v1/attachments/{attachment_id}", {
      params: { path: { attachment_id: id } },
      // It is said, also by a tab that is being closed.
      keepalive: true,
    }),
  );
}

function set(id: string, isLeaving: boolean): void {
  const next = new Set(ids);
  if (isLeaving) next.add(id);
  else next.delete(id);
  ids = next;
  for (const listener of listeners) listener();
}

window.addEventListener("pagehide", () => {
  for (const now of [...timers.values()]) now();
});
