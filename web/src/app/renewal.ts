/**
 * A part of the page that could not be loaded: an upgrade took its file away, or the service is just not there.
 *
 * Both end with the whole page loaded again, once the service answers; and no sooner than somebody sees what is missing,
 * for a part that is only asked for because the pointer is near must not take from anybody what they type.
 */

import { useEffect, useState } from "react";

import { Unreachable } from "@/api/problems";
import { texts } from "@/texts";

import { queryClient } from "./queries";
import { written } from "./writing";

const MARK = "taskapi.renewed-at";
// What could not be loaded. By what the browser says of it the router would load the page again, into nothing as well.
const missing = new WeakSet<Error>();
// A page that has just been loaded and still lacks a file would be loaded for ever.
const ONCE_MS = 60_000;
const WAIT_MS = 2_000;

window.addEventListener("vite:preloadError", ({ payload }) => {
  missing.add(payload);
  payload.message = texts.edges.missing;
});

export function isMissingPart(error: unknown): boolean {
  return error instanceof Error && missing.has(error);
}

/** Whether the page is about to be loaded again, because this could not be loaded. */
export function useRenewal(error: unknown): boolean {
  const [isDue] = useState(
    () => isMissingPart(error) && Date.now() - Number(sessionStorage.getItem(MARK) ?? 0) > ONCE_MS,
  );
  useEffect(() => {
    if (!isDue) return;
    let timer: ReturnType<typeof setTimeout> | undefined;
    const renew = async () => {
      const answered = await fetch("/", { method: "HEAD", cache: "no-store" }).catch(() => null);
      if (answered?.ok !== true) timer = setTimeout(() => void renew(), WAIT_MS);
      else {
        // What waits for the service goes with the page, if it is not sent first.
        await written();
        sessionStorage.setItem(MARK, String(Date.now()));
        location.reload();
      }
    };
    void renew();
    return () => clearTimeout(timer);
  }, [isDue]);
  return isDue;
}

/** What a second try does: a part that is missing is asked for by a new page alone. */
export function tryAgain(error: unknown, draw: () => void): void {
  if (isMissingPart(error)) {
    location.reload();
    return;
  }
  // A query that has failed is not asked again by what is drawn anew.
  queryClient.removeQueries({ predicate: ({ state }) => state.status === "error" && state.data === undefined });
  draw();
}

/** Tries again by itself as long as nobody answers. */
export function useComingBack(error: unknown, draw: () => void): void {
  useEffect(() => {
    if (!(error instanceof Unreachable)) return;
    const timer = setTimeout(() => tryAgain(error, draw), WAIT_MS);
    return () => clearTimeout(timer);
  }, [error, draw]);
}
