/** Words of the home page, the inbox, the list of projects and the search. */

import type { NotificationKind } from "@/api/schema";

const kinds: Record<NotificationKind, string> = {
  assigned: "gave you",
  mentioned: "mentioned you in",
  commented: "commented on",
  status_changed: "moved",
  due_soon: "Due soon:",
  overdue: "Overdue:",
  reminder: "Reminder:",
  invited: "invited you to",
  rule: "A rule tells you of",
};

export const home = {
  title: "Home",
  settings: "Settings",
  mine: "My open tasks",
  nothing: "Nothing is waiting for you. Tasks that are given to you stand here.",
  noProjects: "You are in no project yet. Create one, or open the link of an invitation that you were sent.",
  firstProject: "Create the first project",
  buckets: { overdue: "Overdue", today: "Today", next7days: "The next seven days", later: "Later", none: "No date" },
  happened: "What happened lately",
  quiet: "Nothing yet. What others do with your tasks stands here.",
  complete: (task: string) => `Complete ${task}`,
  completed: (task: string) => `${task} is done`,
};

export const inbox = {
  title: "Inbox",
  kinds,
  empty: "No messages. Here you are told when somebody gives you a task, mentions you or answers you.",
  allRead: "You have read all of them.",
  choose: "Choose what you are told",
  unreadOnly: "Only unread",
  readAll: "Mark all as read",
  read: (title: string) => `Mark “${title}” as read`,
  done: (count: number) => `${count} marked as read`,
  unread: "unread",
};

export const projectList = {
  title: "Projects",
  search: "Find a project",
  archived: "Archived ones",
  trashed: "Deleted ones",
  templates: "Templates",
  none: "No project fits.",
  restore: (name: string) => `Restore ${name}`,
  restored: (name: string) => `${name} is back`,
  favourite: (name: string) => `Mark ${name} as favourite`,
  notFavourite: (name: string) => `${name} is a favourite: take it off`,
};

export const search = {
  title: (words: string) => `Found for “${words}”`,
  prompt: "Type words, a key like WEB-12, or -word for what should not be there.",
  none: "Nothing found.",
  task: "Task",
  project: "Project",
  comment: "Comment",
};
