/** Words of tasks that come again. */

const frequencies = { DAILY: "Days", WEEKLY: "Weeks", MONTHLY: "Months", YEARLY: "Years" };
const shortDays = { MO: "Mon", TU: "Tue", WE: "Wed", TH: "Thu", FR: "Fri", SA: "Sat", SU: "Sun" };
const single = { DAILY: "Every day", WEEKLY: "Every week", MONTHLY: "Every month", YEARLY: "Every year" };
const plural = { DAILY: "days", WEEKLY: "weeks", MONTHLY: "months", YEARLY: "years" };

export const recurrence = {
  title: "Repeats",
  never: "Never",
  every: (frequency: keyof typeof frequencies, interval: number) =>
    interval === 1 ? single[frequency] : `Every ${interval} ${plural[frequency]}`,
  on: (days: string) => `on ${days}`,
  onMonthDay: (day: number) => (day === -1 ? "on the last day" : `on day ${day}`),
  times: (count: number) => (count === 1 ? "once" : `${count} times`),
  until: (day: string) => `until ${day}`,
  interval: "Every",
  frequency: "Unit",
  frequencies,
  weekdays: "On these days",
  shortDays,
  monthDay: "On day",
  sameDay: "That of its due date",
  lastDay: "The last of the month",
  ends: "Ends",
  endsNever: "Never",
  endsAfter: "After a number",
  endsOn: "On a day",
  count: "How often",
  lastDate: "Last day",
  rule: "Rule",
  ruleHint: "As calendars write it, such as FREQ=MONTHLY;BYDAY=-1FR",
  raw: "Write the rule",
  choose: "Choose the rule",
  mode: "Counted from",
  bySchedule: "The due date",
  byCompletion: "When it is done",
  end: "End it",
  next: "The next days",
  skip: "Skip the next",
};
