/** The weeks of a month, as a calendar on a wall shows them. A day is `YYYY-MM-DD`. */

import { addDays } from "@/format/dates";

const WEEK = 7;

/** Whole weeks around the month of a day: 28 to 42 days, from the reader's first day of the week on. */
export function weeksOf(day: string, firstDay: number): string[][] {
  const first = `${day.slice(0, 7)}-01`;
  const before = (weekday(first) - firstDay + WEEK) % WEEK;
  const weeks: string[][] = [];
  for (let at = addDays(first, -before); at <= lastOf(day); at = addDays(at, WEEK)) {
    weeks.push(Array.from({ length: WEEK }, (_, index) => addDays(at, index)));
  }
  return weeks;
}

/** The first day of the month that lies some months away. */
export function monthAway(day: string, months: number): string {
  const [year = 0, month = 1] = day.split("-").map(Number);
  return new Date(Date.UTC(year, month - 1 + months, 1)).toISOString().slice(0, 10);
}

function lastOf(day: string): string {
  return addDays(monthAway(day, 1), -1);
}

/** 0 is Sunday. */
function weekday(day: string): number {
  return new Date(`${day}T00:00:00Z`).getUTCDay();
}
