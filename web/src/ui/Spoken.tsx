/** What a screen reader says of something that is only seen: where a card was moved to. */

import { VisuallyHidden } from "@mantine/core";
import { useSyncExternalStore } from "react";

const listeners = new Set<() => void>();
let said = "";

export function say(sentence: string): void {
  // The same words again are heard only where the text is another one.
  set(sentence === said ? `${sentence}\u00a0` : sentence);
}

export function hush(): void {
  set("");
}

export function Spoken() {
  const sentence = useSyncExternalStore(
    (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    () => said,
  );
  return <Said>{sentence}</Said>;
}

/** It listens from the start, or the first sentence would not be heard; a status it is while it says something. */
export function Said({ children }: { children: string }) {
  return (
    <VisuallyHidden aria-live="polite" role={children === "" ? undefined : "status"}>
      {children}
    </VisuallyHidden>
  );
}

function set(next: string): void {
  said = next;
  for (const listener of listeners) listener();
}
