/** What each key does, for the sheet behind `?`. */

import type { KeyAction, KeyGroup } from "@/keyboard/keymap";

const groups: Record<KeyGroup, string> = {
  general: "Everywhere",
  going: "Go to",
  moving: "Move and select",
  changing: "Change the task, or all that are selected",
};

const actions: Record<KeyAction, string> = {
  help: "Show these keys",
  search: "Search",
  filter: "Filter what is shown",
  palette: "Commands",
  create: "New task",
  close: "Close",
  undo: "Undo",
  goHome: "Home",
  goInbox: "Inbox",
  goProjects: "Projects",
  goBoard: "Board",
  goList: "List",
  goCalendar: "Calendar",
  goTimeline: "Timeline",
  goAnalytics: "Analytics",
  goSettings: "Settings",
  next: "Next task",
  previous: "Previous task",
  left: "Column to the left",
  right: "Column to the right",
  open: "Open",
  select: "Select",
  selectNext: "Select downwards",
  selectPrevious: "Select upwards",
  selectRange: "Select up to here",
  selectAll: "Select all that are shown",
  status: "Status",
  assignee: "Assignees",
  priority: "Priority",
  labels: "Labels",
  due: "Due date",
  complete: "Complete, or reopen",
  moveToProject: "Move to another project",
  remove: "Delete",
  carry: "Pick the card up, and put it down",
  moveUp: "Move the card up",
  moveDown: "Move the card down",
  moveLeft: "Move the card a column to the left",
  moveRight: "Move the card a column to the right",
};

export const keyboard = { title: "Keys", or: "or", groups, actions };
