/** Opens the dialog for a new task, from anywhere. */

import { useSyncExternalStore } from "react";

import { typeAhead } from "@/keyboard/typedAhead";

export type Wish = {
  /** The project's key that the task goes into, unless its text names another. */
  project?: string;
  /** The status of the column that it was asked from. */
  fields?: { status?: string };
  /** What was typed already, elsewhere. */
  text?: string;
};

const listeners = new Set<() => void>();
let wish: Wish | null = null;

export function openQuickAdd(asked: Wish = {}): void {
  typeAhead();
  set(asked);
}

export function closeQuickAdd(): void {
  set(null);
}

export function useQuickAddWish(): Wish | null {
  return useSyncExternalStore(
    (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    () => wish,
  );
}

function set(next: Wish | null): void {
  wish = next;
  for (const listener of listeners) listener();
}
