/** Words for what goes into a project and out of it as a file. */

import type { ExportFormat, ImportFormat, ImportState } from "@/api/schema";

const formats: Record<ImportFormat, string> = {
  csv: "CSV table",
  ndjson: "taskapi (NDJSON)",
  jira: "Jira",
  todoist: "Todoist",
  trello: "Trello",
  vikunja: "Vikunja",
};

const states: Record<ImportState, string> = {
  queued: "Waits",
  running: "Runs",
  done: "Done",
  failed: "Failed",
  cancelled: "Cancelled",
};

const exports: Record<ExportFormat, [title: string, text: string]> = {
  csv: ["CSV", "A table of the tasks, for spreadsheets."],
  ndjson: ["NDJSON", "Everything but the files: what another taskapi brings in without loss."],
  zip: ["ZIP", "Everything, with the files."],
  ics: ["iCalendar", "What is due, for a calendar."],
};

export const imports = {
  title: "Import tasks",
  text: "First the file is looked at, then it is tried, then it is brought in. Nothing is written before.",
  format: "Written by",
  formats,
  file: "File",
  choose: "Choose a file",
  chosen: (name: string) => `File: ${name}`,
  look: "Look at it",
  needFile: "Choose a file first.",
  mapping: "What the columns are",
  mappingText: "The first rows of the file. Choose for each column which field of a task it is.",
  rowsText: "The first tasks of the file.",
  columnOf: (column: string) => `Column ${column}`,
  ignored: "Left out",
  ownField: "A text field of its own",
  unknown: "Make text fields of columns that are not known",
  dateOrder: "03/04/2026 is",
  dateOrders: { "": "a problem", dmy: "the 3rd of April", mdy: "March the 4th" },
  tryIt: "Try it",
  run: "Bring in",
  again: "Another file",
  fields: {
    title: "Heading",
    description: "Description",
    status: "Status",
    category: "Category of the status",
    priority: "Priority",
    start: "Start",
    due: "Due",
    estimate: "Estimate",
    key: "Key in the other program",
    parent: "Parent",
    created: "Created",
    completed: "Completed",
    creator: "Creator",
    assignee: "Assignee",
    labels: "Labels",
  },
  trial: "The trial",
  result: "The import",
  states,
  counts: (created: number, updated: number, skipped: number, failed: number) =>
    `${created} created, ${updated} changed, ${skipped} as they were, ${failed} failed`,
  trialCounts: (created: number, updated: number, skipped: number, failed: number) =>
    `${created} would be created, ${updated} changed, ${skipped} as they were, ${failed} failed`,
  progress: "How far it is",
  until: (instant: string) => `done about ${instant}`,
  toBoard: "See the tasks",
  watch: "See how far it is",
  cancel: "Cancel the import",
  problems: (count: number) => (count === 0 ? "No problems" : count === 1 ? "1 problem" : `${count} problems`),
  problemList: "Problems by row",
  row: "Row",
  column: "Column",
  problem: "Problem",
  earlier: "Earlier imports",
  none: "No imports",
  dryRun: "trial",
  export: {
    title: "Export",
    text: "What you may read, as a file to take along.",
    formats: exports,
    button: (format: string) => `Download ${format}`,
  },
};
