/** Words of the pickers for what a task has. */

export const pickers = {
  status: "Status",
  priority: "Priority",
  assignees: "Assignees",
  labels: "Labels",
  is: (field: string, value: string) => `${field}: ${value}`,
  inAWeek: "In a week",
  noDate: "Take the date away",
  time: "Time",
  set: "Set",
  calendar: {
    nextMonth: "Next month",
    previousMonth: "Previous month",
    monthLevelControl: "Choose the month",
    yearLevelControl: "Choose the year",
    nextYear: "Next year",
    previousYear: "Previous year",
    nextDecade: "Next ten years",
    previousDecade: "Previous ten years",
  },
};
