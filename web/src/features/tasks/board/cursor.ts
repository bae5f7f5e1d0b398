/** Where the keys are on a board: a card in a column. The cursor and the focus of the browser are one thing. */

import { currentSelection, moveTo } from "../selecting/selection";

type At = { task: string; column: string };

let at: At | null = null;
let wanted: At | null = null;

export function cursorAt(): At | null {
  return at;
}

/** The focus went to a card, by whatever way: what keys do, they do there. */
export function focused(next: At): void {
  at = next;
  if (currentSelection().cursor !== next.task) moveTo(next.task);
}

/** The focus went elsewhere on purpose. */
export function left(): void {
  at = null;
}

export function cardAt(board: HTMLElement, { task, column }: At): HTMLElement | null {
  return board.querySelector<HTMLElement>(`[data-column="${CSS.escape(column)}"] [data-task="${CSS.escape(task)}"]`);
}

export function goTo(board: HTMLElement, next: At): void {
  at = next;
  moveTo(next.task);
  const card = cardAt(board, next);
  card?.focus({ preventScroll: true });
  card?.scrollIntoView({ block: "nearest", inline: "nearest" });
}

/** A card that moves to another column is another element there: the focus follows it. */
export function refocus(task: string, column: string): void {
  if (at?.task === task) wanted = { task, column };
}

/** After each drawing: the focus is where it was wanted, or where it was before its element went, or beside that. */
export function keepFocus(board: HTMLElement): void {
  const to = wanted ?? at;
  wanted = null;
  if (to === null || (document.activeElement !== document.body && document.activeElement !== null)) return;
  const card = cardAt(board, to) ?? cardOf(board, to.task) ?? cardOf(board, currentSelection().cursor);
  card?.focus({ preventScroll: true });
}

function cardOf(board: HTMLElement, task: string | null): HTMLElement | null {
  return task === null ? null : board.querySelector<HTMLElement>(`[data-task="${CSS.escape(task)}"]`);
}
