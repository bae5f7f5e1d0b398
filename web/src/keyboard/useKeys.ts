/** Listening to keys by the name of what they do. Who asked last hears first: a panel before the board
 * beneath it. The frame of all pages is the last to hear. */

import { useLayoutEffect, useRef } from "react";

import { KEYMAP, type KeyAction } from "./keymap";

/** Returns false to leave the key to whoever listens beneath. */
export type KeyHandler = (event: KeyboardEvent) => unknown;
export type KeyHandlers = Partial<Record<KeyAction, KeyHandler>>;

const SEQUENCE_MS = 1_500;
// What takes keys for itself while it has the focus.
const OWN_KEYS =
  "input:not([type=checkbox]), textarea, select, [contenteditable=true], [role=listbox], [role=menu], [role=slider], [role=dialog] [role=grid]";
const PRESSES = "button, a[href], summary, [role=tab], [role=menuitem], [role=checkbox], [type=checkbox]";

// A dialog hears Esc first, and is gone with what had the focus before the key comes here.
let isOverPage = false;
const layers: { current: KeyHandlers }[] = [];
let first: { key: string; at: number } | null = null;

export function useKeys(handlers: KeyHandlers, enabled = true, isLast = false): void {
  const layer = useRef(handlers);
  // With the drawing and not after it: a key that is pressed as soon as the page is seen would be lost.
  useLayoutEffect(() => {
    layer.current = handlers;
  });
  useLayoutEffect(() => {
    if (!enabled) return;
    // A page that is loaded as a whole is mounted from the inside out: the frame would be heard before what is in it.
    if (isLast) layers.unshift(layer);
    else layers.push(layer);
    return () => {
      layers.splice(layers.indexOf(layer), 1);
    };
  }, [enabled, isLast]);
}

/** What lies under an open dialog leaves its keys alone. */
export function beneathDialogs(handlers: KeyHandlers): KeyHandlers {
  const entries = Object.entries(handlers).map(([action, handler]) => [
    action,
    (event: KeyboardEvent) => (isInDialog(event) ? false : handler(event)),
  ]);
  return Object.fromEntries(entries) as KeyHandlers;
}

export function isInDialog({ target }: KeyboardEvent): boolean {
  return target instanceof Element && target.closest("[role=dialog], [role=alertdialog]") !== null;
}

function onKeyDown(event: KeyboardEvent): void {
  if (event.defaultPrevented || event.isComposing) return;
  const pressed = nameOf(event);
  if (isTaken(event, pressed)) return;
  const sequence = first !== null && event.timeStamp - first.at < SEQUENCE_MS ? `${first.key} ${pressed}` : null;
  first = null;
  if (sequence !== null && run(sequence, event)) return;
  if (run(pressed, event)) return;
  if (startsSequence(pressed)) first = { key: pressed, at: event.timeStamp };
}

function run(pressed: string, event: KeyboardEvent): boolean {
  for (const action of Object.keys(KEYMAP) as KeyAction[]) {
    if (!KEYMAP[action].keys.some((keys) => keys === pressed)) continue;
    for (const layer of layers.toReversed()) {
      const handler = layer.current[action];
      if (handler !== undefined && handler(event) !== false) {
        event.preventDefault();
        return true;
      }
    }
  }
  return false;
}

function nameOf(event: KeyboardEvent): string {
  if (event.key === " ") return "Space";
  const key = event.key.length === 1 ? event.key.toLowerCase() : event.key;
  if (event.ctrlKey || event.metaKey) return `mod+${key}`;
  // A shifted sign is another sign; a shifted letter or arrow is a key with shift.
  return event.shiftKey && (/^[a-z]$/.test(key) || key.length > 1) ? `shift+${key}` : key;
}

function isTaken(event: KeyboardEvent, pressed: string): boolean {
  if (event.altKey) return true;
  if (!(event.target instanceof Element)) return false;
  // What lies over the page closes itself, and nothing beneath it closes with it, also before it has the focus.
  if (pressed === "Escape") return isOverPage;
  if (pressed === "mod+k") return false;
  if (event.target.closest(OWN_KEYS) !== null) return true;
  return (pressed === "Enter" || pressed === "Space") && event.target.closest(PRESSES) !== null;
}

function isUnderDialog(): boolean {
  return document.querySelector("[role=dialog][aria-modal=true]") !== null;
}

/** Whether the focus is still, or again, on what a list or a calendar was opened with. The library marks lists by an
 * attribute of its own. */
function opensWhatIsOpen(target: EventTarget | null): boolean {
  return (
    target instanceof Element && target.closest("[aria-haspopup]:is([aria-expanded=true], [data-expanded])") !== null
  );
}

function startsSequence(pressed: string): boolean {
  return Object.values(KEYMAP).some((entry) => entry.keys.some((keys: string) => keys.startsWith(`${pressed} `)));
}

window.addEventListener(
  "keydown",
  ({ target }) => {
    // A list that has just been closed is hidden, and keeps the focus for a moment more.
    const isInPortal =
      target instanceof Element && target.closest("[data-portal]") !== null && target.checkVisibility();
    isOverPage = isUnderDialog() || isInPortal || opensWhatIsOpen(target);
  },
  { capture: true },
);
window.addEventListener("keydown", onKeyDown);
