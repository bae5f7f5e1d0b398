/** Words of a page that a share link opens. */

import type { SharedChart } from "@/api/schema";

const charts: Partial<Record<SharedChart, string>> = {
  summary: "What is open",
  burnup: "Done and scope",
  "cumulative-flow": "How much stands where",
  throughput: "Done a week",
};

export const sharedPage = {
  shared: "Shared with you, to read",
  views: "Views",
  board: "Board",
  list: "List",
  charts: "Charts",
  chartTitles: charts,
  password: "Password",
  passwordText: "Whoever sent you this link has a password for it.",
  open: "Open",
  goneTitle: "This link opens nothing",
  gone: "It was revoked, has run out, or was not copied whole. Ask whoever sent it for another one.",
  noTasks: "No tasks",
  files: "Files",
  filesOf: (key: string) => `Files of ${key}`,
  noFiles: "No files",
  task: "Task",
  status: "Status",
  priority: "Priority",
  due: "Due",
};
