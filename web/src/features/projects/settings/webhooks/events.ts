/** Which changes a webhook may be told of. */

import type { WebhookCreate } from "@/api/schema";

export type Event = WebhookCreate["events"][number];

// Whole subjects, and of tasks each kind: finer choices are the API's.
const OFFERED: readonly Event[] = [
  "*",
  "task.*",
  "task.created",
  "task.updated",
  "task.moved",
  "task.completed",
  "task.reopened",
  "task.deleted",
  "comment.*",
  "attachment.*",
  "checklist_item.*",
  "link.*",
  "time_entry.*",
  "member.*",
  "project.*",
  "status.*",
  "label.*",
  "milestone.*",
  "cycle.*",
  "field.*",
  "import.*",
];

/** What is offered, and what a webhook was given by the API besides. */
export function choicesOf(kept: readonly string[]): Event[] {
  // The service takes back what it has told.
  const isKept = (event: string): event is Event => kept.includes(event);
  return [...OFFERED, ...kept.filter(isKept).filter((event) => !OFFERED.includes(event))];
}
