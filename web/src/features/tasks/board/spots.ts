/** Cards as spots of the board that keys go to: from one to the next, down a column or to the one aside. */

import type { TaskExpanded } from "@/api/schema";

import type { Column } from "./columns";

export type Spot = { task: TaskExpanded; column: Column };

/** The card that has the focus, else the one at which the selection's cursor is. */
export function spot(
  columns: readonly Column[],
  at: { task: string; column: string } | null,
  cursor: string | null,
): Spot | null {
  const wanted = at?.task ?? cursor;
  const found = columns.flatMap((column) =>
    column.items.filter(({ key }) => key === wanted).map((task) => ({ task, column })),
  );
  return found.find(({ column }) => column.key === at?.column) ?? found[0] ?? null;
}

export function stepped(columns: readonly Column[], from: Spot | null, by: 1 | -1): Spot | null {
  if (from === null) return first(columns);
  const { column, task } = from;
  const next = column.items[column.items.indexOf(task) + by];
  return { column, task: next ?? task };
}

/** The card at the same height in the next column that has any. */
export function aside(columns: readonly Column[], from: Spot | null, by: 1 | -1): Spot | null {
  if (from === null) return first(columns);
  const at = columns.indexOf(from.column);
  const ways = by === 1 ? columns.slice(at + 1) : columns.slice(0, at).toReversed();
  const column = ways.find(({ items }) => items.length > 0);
  if (column === undefined) return from;
  const height = from.column.items.indexOf(from.task);
  const task = column.items[Math.min(height, column.items.length - 1)];
  return task === undefined ? from : { column, task };
}

function first(columns: readonly Column[]): Spot | null {
  for (const column of columns) {
    const task = column.items[0];
    if (task !== undefined) return { column, task };
  }
  return null;
}
