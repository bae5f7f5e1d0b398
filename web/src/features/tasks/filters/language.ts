/** The words of the filter language: what a text is made of, and what may stand where the cursor is (docs/finding.md). */

import type { FieldRead } from "@/api/schema";
import type { ProjectParts } from "@/features/projects/queries";

/** A term of a filter between its spaces: `-label:"needs review"`. Brackets stand alone. */
export type Term = { text: string; start: number; end: number };
export type Suggestion = { value: string; label: string };

const TERM = /[()]|-?(?:[a-z_.0-9]+:)?(?:"(?:\\.|[^"])*"?|[^\s()"]+)+/gi;
const DAYS = ["today", "tomorrow", "yesterday", "overdue", "next7days", "later", "<+7d", ">-7d", "none"];
const INSTANTS = ["today", ">-7d", "<-30d", ">-24h"];

export function termsOf(filter: string): Term[] {
  return [...filter.matchAll(TERM)].map((found) => ({
    text: found[0],
    start: found.index,
    end: found.index + found[0].length,
  }));
}

export function without(filter: string, term: Term): string {
  return `${filter.slice(0, term.start)}${filter.slice(term.end)}`.replace(/\s+/g, " ").trim();
}

export function withTerm(filter: string, term: string): string {
  return `${filter.trim()} ${term}`.trim();
}

/** Whether a filter is nothing but terms that all have to hold: only such a one falls into chips. */
export function isPlain(filter: string): boolean {
  return !termsOf(filter).some(({ text }) => /^(?:[()]|OR|AND|NOT)$/.test(text));
}

/** What the term under the cursor may become. Nothing to say about plain words. */
export function suggestionsFor(filter: string, cursor: number, parts: ProjectParts): Suggestion[] {
  const term = termsOf(filter).find(({ start, end }) => start < cursor && cursor <= end);
  const text = (term?.text ?? "").replace(/^-/, "");
  const colon = text.indexOf(":");
  if (colon < 0) return text === "" ? [] : fieldsLike(text, parts.fields);
  const typed =
    text
      .slice(colon + 1)
      .split(",")
      .at(-1)
      ?.toLowerCase() ?? "";
  return valuesOf(text.slice(0, colon), parts).filter(
    ({ value, label }) => value.toLowerCase() !== typed && `${value} ${label}`.toLowerCase().includes(typed),
  );
}

/** The filter with the term under the cursor completed, and where the cursor is then. */
export function completed(filter: string, cursor: number, value: string): { filter: string; cursor: number } {
  const term = termsOf(filter).find(({ start, end }) => start < cursor && cursor <= end);
  if (term === undefined) return { filter: withTerm(filter, value), cursor: filter.length + value.length + 1 };
  const negation = term.text.startsWith("-") ? "-" : "";
  const colon = term.text.indexOf(":");
  const comma = term.text.lastIndexOf(",");
  // A field takes the place of the whole term, a value that of what stands behind the last colon or comma.
  const kept = colon < 0 ? negation : term.text.slice(0, Math.max(colon, comma) + 1);
  const next = `${kept}${value}`;
  return { filter: filter.slice(0, term.start) + next + filter.slice(term.end), cursor: term.start + next.length };
}

/** Quotes around what would fall apart without them. */
export function quoted(value: string): string {
  return /^[\p{L}\p{N}_.-]+$/u.test(value) ? value : `"${value.replaceAll('"', '\\"')}"`;
}

const FIELDS = [
  "is",
  "status",
  "category",
  "priority",
  "assignee",
  "label",
  "due",
  "start",
  "milestone",
  "cycle",
  "creator",
  "created",
  "updated",
  "completed",
  "estimate",
  "title",
  "description",
  "parent",
  "has",
  "no",
];

function fieldsLike(typed: string, fields: FieldRead[]): Suggestion[] {
  return [...FIELDS, ...fields.map((field) => `field.${field.key}`)]
    .filter((field) => field.startsWith(typed.toLowerCase()))
    .map((field) => ({ value: `${field}:`, label: `${field}:` }));
}

function valuesOf(field: string, { statuses, labels, members, fields }: ProjectParts): Suggestion[] {
  const plain = (values: readonly string[]) => values.map((value) => ({ value, label: value }));
  const people = members.map(({ user }) => ({ value: user.username, label: user.full_name ?? user.username }));
  const custom = fields.find(({ key }) => `field.${key}` === field);
  if (custom !== undefined) return custom.options.map(({ key, name }) => ({ value: key, label: name }));
  switch (field) {
    case "is":
      return plain(["open", "closed", "overdue", "blocked"]);
    case "status":
      return statuses.map(({ key, name }) => ({ value: key, label: name }));
    case "category":
      return plain(["backlog", "unstarted", "started", "done", "cancelled"]);
    case "priority":
      return plain(["urgent", "high", ">=high", "medium", "low", "none"]);
    case "assignee":
      return [...plain(["me", "none"]), ...people];
    case "creator":
      return [...plain(["me"]), ...people];
    case "label":
      return [...labels.map(({ name }) => ({ value: quoted(name), label: name })), ...plain(["none"])];
    case "cycle":
      return plain(["current", "none"]);
    case "due":
    case "start":
      return plain(DAYS);
    case "created":
    case "updated":
    case "completed":
      return plain(INSTANTS);
    case "has":
    case "no":
      return plain(["assignee", "label", "due", "start", "estimate", "milestone", "cycle", "parent", "description"]);
    default:
      return [];
  }
}
