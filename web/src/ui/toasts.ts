/** Short messages at the edge of the page, which screen readers speak. */

import { type NotificationData, notifications, notificationsStore } from "@mantine/notifications";

import { Problem, Unreachable } from "@/api/problems";
import { texts } from "@/texts";

import { actionToast } from "./ActionToast";
import { hush } from "./Spoken";
import { rememberUndo } from "./undo";

const UNDO_MS = 10_000;

/** An error whose message is a sentence for who looks at the page. */
export class Told extends Error {}

export function tell(message: string): void {
  show({
    message,
    color: "teal",
  });
}

export function tellProblem(error: unknown): void {
  show({
    message: messageOf(error),
    color: "red",
    autoClose: 8_000,
  });
}

/** What was done, and for ten seconds the way back; it is the last change that Ctrl-Z takes back, too. */
export function tellUndoable(message: string, undo: () => Promise<unknown>): void {
  const id = crypto.randomUUID();
  const undoThis = rememberUndo(undo);
  const takeBack = () => {
    notifications.hide(id);
    undoThis().catch(tellProblem);
  };
  show({
    id,
    message: actionToast(message, texts.common.undo, takeBack),
    autoClose: UNDO_MS,
  });
}

/** What was made, and the way to it. */
export function tellOpenable(message: string, open: () => void): void {
  const id = crypto.randomUUID();
  const go = () => {
    notifications.hide(id);
    open();
  };
  show({
    id,
    message: actionToast(message, texts.quick.open, go),
    color: "teal",
  });
}

/** Where there is no more room the oldest goes: the way back from what was done just now must not wait in a queue. */
function show(toast: NotificationData): void {
  const { notifications: shown, limit } = notificationsStore.getState();
  const oldest = shown[0]?.id;
  if (shown.length >= limit && oldest !== undefined) notifications.hide(oldest);
  // The toast speaks for itself: what was said before it is over.
  hush();
  notifications.show({ role: "status", closeButtonProps: { "aria-label": texts.common.close }, ...toast });
}

export function messageOf(error: unknown): string {
  if (error instanceof Problem) {
    const faults = error.faults.map((fault) => fault.detail).join(" ");
    return faults === "" ? error.detail : faults;
  }
  if (error instanceof Unreachable) return texts.common.offline;
  if (error instanceof Told) return error.message;
  return texts.common.broken(error instanceof Error ? error.message : String(error));
}
