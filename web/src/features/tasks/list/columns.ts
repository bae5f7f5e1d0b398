/** The columns of the list: which there are, which are shown, by what they sort. */

import type { FieldRead } from "@/api/schema";
import { texts } from "@/texts";

export type ColumnName =
  "status" | "priority" | "assignees" | "labels" | "due" | "start" | "estimate" | "milestone" | "updated" | "created";
export type Column = { name: string; heading: string; sort?: string };

const SORTS: Partial<Record<ColumnName, string>> = {
  priority: "priority",
  due: "due",
  updated: "updated_at",
  created: "created_at",
};
const NAMES = Object.keys(texts.list.columns) as ColumnName[];
const FIRST: readonly ColumnName[] = ["status", "priority", "assignees", "labels", "due"];

export function columnsOf(fields: readonly FieldRead[]): Column[] {
  return [
    ...NAMES.map((name) => ({ name, heading: texts.list.columns[name], sort: SORTS[name] })),
    ...fields.map(({ key, name }) => ({ name: `field.${key}`, heading: name, sort: `field.${key}` })),
  ];
}

/** Those that an address asks for, in its order; without a wish the ones that most lists need. */
export function shownColumns(fields: readonly FieldRead[], asked: readonly string[] | undefined): Column[] {
  const all = new Map(columnsOf(fields).map((column) => [column.name, column]));
  return (asked ?? FIRST).flatMap((name) => all.get(name) ?? []);
}

/** The sort after a click on a heading: up, down, and back to the order by hand. */
export function nextSort(sort: string | undefined, column: string): string | undefined {
  if (sort === column) return `-${column}`;
  return sort === `-${column}` ? undefined : column;
}
