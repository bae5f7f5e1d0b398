/** Words about tasks that every view of them shares. */

import type { DueIn, Priority, StatusCategory } from "@/api/schema";

const priorities: Record<Priority, string> = {
  none: "No priority",
  low: "Low",
  medium: "Medium",
  high: "High",
  urgent: "Urgent",
};

const dues: Record<DueIn, string> = {
  overdue: "Overdue",
  today: "Today",
  next7days: "The next seven days",
  later: "Later",
  none: "No date",
  past: "Done, and due before today",
};

const categories: Record<StatusCategory, string> = {
  backlog: "Backlog",
  unstarted: "Not started",
  started: "Started",
  done: "Done",
  cancelled: "Cancelled",
};

export const tasks = {
  priorities,
  categories,
  dues,
  noLabel: "No label",
  created: (key: string) => `${key} created`,
  deleted: (key: string) => `${key} deleted`,
  deletedMany: (count: number) => `${count} tasks deleted`,
  changedMany: (count: number) => `${count} tasks changed`,
  restored: "Brought back",
  reverted: "Taken back",
  createChoice: (name: string) => `Create “${name}”`,
  noChoice: "Nothing of that name",
  unassigned: "Nobody",
  noDate: "No date",
  overdue: "Overdue",
  today: "Today",
  tomorrow: "Tomorrow",
};
