/** A rule in words. */

import { showDay } from "@/format/dates";
import { texts } from "@/texts";

import { chosenOf } from "./rules";

const words = texts.recurrence;

export function inWords(rule: string): string {
  const chosen = chosenOf(rule);
  if (chosen === null) return rule;
  const parts = [words.every(chosen.frequency, chosen.interval)];
  if (chosen.weekdays.length > 0) parts.push(words.on(chosen.weekdays.map((day) => words.shortDays[day]).join(", ")));
  if (chosen.monthDay !== null) parts.push(words.onMonthDay(chosen.monthDay));
  if (chosen.end.kind === "count") parts.push(words.times(chosen.end.count));
  if (chosen.end.kind === "until") parts.push(words.until(showDay(chosen.end.day)));
  return parts.join(", ");
}
