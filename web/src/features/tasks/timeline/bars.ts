/** Where tasks lie on a line of days. A day is `YYYY-MM-DD`; places are days from the first one that is shown. */

import type { TaskExpanded } from "@/api/schema";
import { dayOf, daysBetween } from "@/format/dates";

export type Bar = {
  task: TaskExpanded;
  from: string;
  to: string;
  /** The first day of the bar, and how many it takes; what sticks out on either side is cut. */
  at: number;
  length: number;
};

/** From start to due; where one of the two is missing, a day. Null where both are, or all of it lies elsewhere. */
export function barOf(task: TaskExpanded, first: string, days: number): Bar | null {
  const due = task.due_at === null ? task.due_on : dayOf(task.due_at);
  const from = task.start_on ?? due;
  const to = due ?? task.start_on;
  if (from === null || to === null) return null;
  const start = Math.max(daysBetween(first, from), 0);
  const end = Math.min(daysBetween(first, to < from ? from : to), days - 1);
  return end < start ? null : { task, from, to, at: start, length: end - start + 1 };
}
