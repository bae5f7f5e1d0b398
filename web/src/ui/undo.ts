/** The last changes of this tab, for Ctrl-Z: newest first, and no more than can be remembered. */

import { isPassing } from "@/api/problems";

const MOST = 50;
const stack: (() => Promise<unknown>)[] = [];
let last: Promise<unknown> = Promise.resolve();

/** What is returned takes the same change back, for a toast that offers it: neither does what the other has done. */
export function rememberUndo(undo: () => Promise<unknown>): () => Promise<unknown> {
  stack.push(undo);
  if (stack.length > MOST) stack.shift();
  return () => {
    const at = stack.indexOf(undo);
    if (at < 0) return Promise.resolve();
    stack.splice(at, 1);
    return run(undo);
  };
}

/**
 * Takes the newest change back; false when there is none. A change that is still being written is the newest, and is
 * not known yet: `written` waits for it.
 */
export function undoLast(written: () => Promise<void>): Promise<boolean> {
  const undoing = last.then(written).then(takeBack);
  last = undoing.catch(() => undefined);
  return undoing;
}

export function forgetUndo(): void {
  stack.length = 0;
}

async function takeBack(): Promise<boolean> {
  const undo = stack.pop();
  if (undo === undefined) return false;
  await run(undo);
  return true;
}

async function run(undo: () => Promise<unknown>): Promise<void> {
  try {
    await undo();
  } catch (error) {
    // It may do better the next time.
    if (isPassing(error)) stack.push(undo);
    throw error;
  }
}
