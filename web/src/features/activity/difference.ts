/** What a change tells, field by field, without what only machines care for. */

import type { Change } from "./change";

import { texts } from "@/texts";

import type { Naming } from "./naming";

export type Difference = { field: string; from: string; to: string; isLong: boolean };

const SHOWN = texts.activity.fields;
const LONG = ["description", "body"];

export function differencesOf(change: Change, naming: Naming): Difference[] {
  // A creation has every field, and an end, too: its name is enough.
  if (/\.(created|deleted|added|removed|restored|purged)$/.test(change.kind)) return [];
  return Object.entries(change.changes).flatMap(([field, [from, to]]) => {
    if (field === "fields") return customDifferences(from, to, naming);
    const name = nameOf(field);
    if (name === null) return [];
    return [
      { field: name, from: naming.value(field, from), to: naming.value(field, to), isLong: LONG.includes(field) },
    ];
  });
}

/** What it was about: the text of a comment's beginning, the name of a file, the words of a step. */
export function aboutOf(change: Change): string | null {
  for (const field of ["title", "name", "text", "body", "emoji", "note"]) {
    const [from, to] = change.changes[field] ?? [null, null];
    const said = to ?? from;
    if (typeof said === "string" && said !== "") return said.length > 120 ? `${said.slice(0, 120)}…` : said;
  }
  return null;
}

function customDifferences(from: unknown, to: unknown, naming: Naming): Difference[] {
  const [before, after] = [recordOf(from), recordOf(to)];
  return [...new Set([...Object.keys(before), ...Object.keys(after)])]
    .filter((key) => JSON.stringify(before[key]) !== JSON.stringify(after[key]))
    .map((key) => ({
      field: naming.field(key),
      from: naming.value(key, before[key]),
      to: naming.value(key, after[key]),
      isLong: false,
    }));
}

function recordOf(value: unknown): Record<string, unknown> {
  return typeof value === "object" && value !== null ? Object.fromEntries(Object.entries(value)) : {};
}

function nameOf(field: string): string | null {
  const found = Object.entries(SHOWN).find(([name]) => name === field);
  return found === undefined ? null : found[1];
}
