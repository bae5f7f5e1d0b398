/** What is being typed, kept in this browser until it is saved or thrown away: a closed tab loses nothing. */

import { useCallback, useMemo, useSyncExternalStore } from "react";

import { useMe } from "@/api/session";

/** With the text that it began from, so that a later save sees whether somebody else has written since. */
export type Draft = { text: string; base: string; version: number };

type Drafting = {
  draft: Draft | null;
  write: (draft: Draft) => void;
  discard: () => void;
  /** What is typed by now, for who comes back from the service after a while. */
  newest: () => Draft | null;
};

// Of the fields that are on the page: what another tab writes into the same place takes nothing from them.
const shown = new Map<string, string | null>();
const listeners = new Map<string, Set<() => void>>();

export function useDraft(task: string, field: string): Drafting {
  const place = `taskapi.draft.${useMe().id}.${task}.${field}`;
  const subscribe = useCallback((listener: () => void) => listen(place, listener), [place]);
  const kept = useSyncExternalStore(subscribe, () => read(place));
  const draft = useMemo(() => parsed(kept), [kept]);
  return {
    draft,
    write: (next) => keep(place, JSON.stringify(next)),
    discard: () => keep(place, null),
    newest: () => parsed(read(place)),
  };
}

function listen(place: string, listener: () => void): () => void {
  const those = listeners.get(place) ?? new Set();
  listeners.set(place, those.add(listener));
  return () => {
    those.delete(listener);
    if (those.size > 0) return;
    listeners.delete(place);
    shown.delete(place);
  };
}

function read(place: string): string | null {
  const known = shown.get(place);
  if (known !== undefined) return known;
  const kept = localStorage.getItem(place);
  if (listeners.has(place)) shown.set(place, kept);
  return kept;
}

function keep(place: string, draft: string | null): void {
  if (listeners.has(place)) shown.set(place, draft);
  try {
    if (draft === null) localStorage.removeItem(place);
    else localStorage.setItem(place, draft);
  } catch {
    // A full store keeps no draft; what is typed is on the page all the same.
  }
  for (const listener of listeners.get(place) ?? []) listener();
}

function parsed(kept: string | null): Draft | null {
  if (kept === null) return null;
  try {
    const found: unknown = JSON.parse(kept);
    return isDraft(found) ? found : null;
  } catch {
    return null;
  }
}

function isDraft(found: unknown): found is Draft {
  return (
    typeof found === "object" &&
    found !== null &&
    "text" in found &&
    typeof found.text === "string" &&
    "base" in found &&
    typeof found.base === "string" &&
    "version" in found &&
    typeof found.version === "number"
  );
}
