/** The board and its cards. */

import type { DueIn } from "@/api/schema";

const due: Record<DueIn, string> = {
  overdue: "Overdue",
  today: "Today",
  next7days: "Next 7 days",
  later: "Later",
  none: "No date",
  past: "Past",
};

export const board = {
  due,
  noLabel: "Without a label",
  instructions:
    "Press Space to pick a card up, the arrows to move it and Space to put it down, or Shift and an arrow to move it at once.",
  add: "Add a card",
  addTo: (column: string) => `Add a card to ${column}`,
  addTitle: (column: string) => `What is to be done in ${column}`,
  addHint: "What is to be done?",
  more: (left: number) => `Show more (${left})`,
  moreOf: (column: string) => `Show more of ${column}`,
  fold: (column: string) => `Fold ${column}`,
  unfold: (column: string) => `Unfold ${column}`,
  limit: (limit: number) => `No more than ${limit} at a time`,
  cards: (count: number) => (count === 1 ? "1 card" : `${count} cards`),
  ofLimit: (count: number, limit: number) => `${count} of ${limit} cards`,
  overLimit: (count: number, limit: number) => `${count} cards, more than the limit of ${limit}`,
  select: (key: string) => `Select ${key}`,
  actions: (key: string) => `Move ${key} to…`,
  moveTo: "Move to…",
  toTop: "To the top",
  toBottom: "To the bottom",
  toProject: "Another project",
  complete: "Complete",
  reopen: "Reopen",
  priority: (priority: string) => `Priority: ${priority}`,
  overdue: (day: string) => `Overdue: ${day}`,
  checklist: (done: number, total: number) => `${done} of ${total} of the checklist done`,
  subtasks: (done: number, total: number) => `${done} of ${total} subtasks done`,
  comments: (count: number) => (count === 1 ? "1 comment" : `${count} comments`),
  moved: (key: string, column: string, at: number, total: number) => `${key} moved to ${column}, ${at} of ${total}`,
  pickedUp: (key: string) => `${key} picked up`,
  over: (column: string, at: number) => `${column}, place ${at}`,
  stayed: (key: string) => `${key} stayed where it was`,
};
