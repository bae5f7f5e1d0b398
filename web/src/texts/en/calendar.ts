/** Words of the calendar and of the timeline. */

export const calendar = {
  previous: "Month before",
  next: "Month after",
  today: "Today",
  more: (count: number) => `${count} more`,
  dayOf: (day: string, count: number) => `${day}: ${count} due`,
  undated: "No date",
  empty: "Nothing is due in this time.",
  create: "Create one with a date",
  moved: (task: string, day: string) => `${task} is due ${day}`,
  add: (day: string) => `Add a task that is due ${day}`,
  changeDay: (task: string) => `Another day for ${task}`,
  truncated: (count: number) => `More than ${count} tasks fall into this time. Narrow it by a filter to see all.`,
};

export const timeline = {
  caption: "Tasks over time",
  days: (days: number) => `${days} days`,
  range: "Days shown",
  earlier: "Earlier",
  later: "Later",
  today: "Today",
  bar: (task: string, from: string, to: string) => `${task}, ${from} to ${to}`,
  single: (task: string, day: string) => `${task}, ${day}`,
  blocks: (blocker: string, blocked: string) => `${blocker} blocks ${blocked}`,
  empty: "No task has a start or a due date in this time.",
  hint: "Arrow keys move a focused bar by a day; with Shift they move its end.",
  moved: (task: string, from: string, to: string) => `${task} now runs from ${from} to ${to}`,
};
