/** Places that take a card, as they are seen: between other cards, and the projects at the side. */

import type { Place } from "./carrying";

type Point = { x: number; y: number };

/** Where a card would fall that is held at this height over a column. */
export function placeUnder(board: HTMLElement, column: string, carried: string, y: number): Place {
  const cards = board.querySelectorAll<HTMLElement>(`[data-column="${CSS.escape(column)}"] [data-task]`);
  for (const card of cards) {
    if (card.dataset.task === carried) continue;
    const { top, height } = card.getBoundingClientRect();
    if (y < top + height / 2) return { column, before: card.dataset.task ?? null };
  }
  return { column, before: null };
}

/** The column that lies under this point, also where that is beyond the edge of the window. */
export function columnAt(board: HTMLElement, { x, y }: Point): string | null {
  const isSeen = x >= 0 && x < window.innerWidth && y >= 0 && y < window.innerHeight;
  const under = isSeen ? document.elementsFromPoint(x, y) : null;
  for (const column of board.querySelectorAll<HTMLElement>("[data-column]")) {
    const { left, right, top, bottom } = column.getBoundingClientRect();
    const isUnder = under?.includes(column) ?? (x >= left && x < right && y >= top && y < bottom);
    if (isUnder) return column.dataset.column ?? null;
  }
  return null;
}

/** Another project whose name at the side lies under this point, and which takes tasks. */
export function projectAt({ x, y }: Point, here: string): string | null {
  for (const element of document.elementsFromPoint(x, y)) {
    const project = element.closest<HTMLElement>("[data-takes-tasks]")?.dataset.takesTasks;
    if (project !== undefined && project !== here) return project;
  }
  return null;
}

/** Shows where the card would go; false where there is no such place. */
export function markProject(project: string | null): boolean {
  for (const link of document.querySelectorAll<HTMLElement>("[data-takes-tasks]")) {
    link.toggleAttribute("data-over", link.dataset.takesTasks === project);
  }
  return project !== null;
}

/** Keeps the columns of a phone from snapping while a card is carried over them. No state: the board is not drawn anew. */
export function markCarrying(board: HTMLElement | null, isCarrying: boolean): void {
  board?.toggleAttribute("data-carrying", isCarrying);
}
