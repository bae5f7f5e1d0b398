/** What stands in the address behind `?`, read with care: an address may come from anywhere. */

import type { GroupBy } from "@/api/schema";

export type TokenSearch = { token?: string; next?: string };

/** What every view of a project shares, so that a change of view loses nothing. */
export type ProjectSearch = {
  /** The filter language of the API. */
  filter?: string;
  sort?: string;
  group?: GroupBy;
  /** A saved view's id. */
  view?: string;
  /** The task whose panel is open. */
  task?: string;
  /** The month of the calendar, the first day of the timeline: YYYY-MM-DD. */
  from?: string;
  /** Days that the timeline or a report shows. */
  days?: number;
  /** The report on the page of numbers. */
  report?: string;
  /** Columns of the list, in order. */
  columns?: string[];
};

/** What a share link shows; the board where nothing is said. */
export type SharedSearch = { view?: "list" | "charts" };

/** What the lists of the administration are narrowed by. */
export type AdminSearch = { q?: string; role?: string; state?: string; kind?: string; project?: string };

const GROUPS: readonly string[] = ["status", "assignee", "priority", "label", "due"] satisfies GroupBy[];

export function tokenSearch(given: Record<string, unknown>): TokenSearch {
  return { token: text(given.token), next: ownAddress(text(given.next)) };
}

/** Where to go on after signing in: to a page of ours, never to another site, whatever a browser reads as one. */
export function ownAddress(next: string | null | undefined): string | undefined {
  if (next == null || !next.startsWith("/") || !URL.canParse(next, location.origin)) return undefined;
  const { origin, pathname, search, hash } = new URL(next, location.origin);
  return origin === location.origin && !pathname.startsWith("//") ? `${pathname}${search}${hash}` : undefined;
}

export function projectSearch(given: Record<string, unknown>): ProjectSearch {
  const from = text(given.from);
  return {
    filter: text(given.filter),
    sort: text(given.sort),
    group: GROUPS.includes(String(given.group)) ? (given.group as GroupBy) : undefined,
    view: text(given.view),
    task: text(given.task),
    from: from !== undefined && /^\d{4}-\d{2}-\d{2}$/.test(from) ? from : undefined,
    days: typeof given.days === "number" && given.days > 0 && given.days <= 3660 ? Math.floor(given.days) : undefined,
    report: text(given.report),
    columns: Array.isArray(given.columns) ? given.columns.filter((column) => typeof column === "string") : undefined,
  };
}

export function sharedSearch(given: Record<string, unknown>): SharedSearch {
  return { view: given.view === "list" || given.view === "charts" ? given.view : undefined };
}

export function adminSearch(given: Record<string, unknown>): AdminSearch {
  return {
    q: text(given.q),
    role: text(given.role),
    state: text(given.state),
    kind: text(given.kind),
    project: text(given.project),
  };
}

function text(value: unknown): string | undefined {
  // The router reads 12 as a number and `true` as a boolean; typed text is text.
  if (typeof value === "number" || typeof value === "boolean") return String(value);
  return typeof value === "string" && value !== "" ? value : undefined;
}
