/** What is done to the tasks that are selected. */

import type { Field } from "@/features/tasks/selecting/fields";

const fields: Record<Field, string> = {
  status: "Status",
  assignee: "Assignees",
  priority: "Priority",
  labels: "Labels",
  due: "Due date",
  project: "Project",
};

export const bulk = {
  fields,
  bar: "Selected tasks",
  selected: (count: number) => (count === 1 ? "1 selected" : `${count} selected`),
  fieldOf: (field: string, tasks: readonly string[]) =>
    tasks.length === 1 ? `${field} of ${tasks.join("")}` : `${field} of ${tasks.length} tasks`,
  others: "Other fields",
  set: "Set",
  empty: "Leave empty",
  yes: "Yes",
  no: "No",
  complete: "Complete",
  clear: "Clear the selection",
  movedTo: (count: number, project: string) => `${count === 1 ? "1 task" : `${count} tasks`} moved to ${project}`,
  narrow: "Type to narrow the choice",
  anything: "Task",
  when: "When",
  whenHint: "tomorrow, next monday 9:00, 24 dec",
  inAWeek: "In a week",
  noDay: "No day is understood yet",
  meant: (due: string) => `${due}: press Enter`,
  day: "Day",
};
