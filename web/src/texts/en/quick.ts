/** A new task from one line. */

export const quick = {
  title: "Title",
  hint: "For example: Fix the login !high @maria #bug tomorrow 17:00 every 2 weeks",
  understood: "Understood",
  notUnderstood: (mention: string) => `Not understood: ${mention}`,
  describe: "Add a description",
  description: "Description",
  project: "Project",
  another: "Create another",
  create: "Create task",
  noProject: "There is no project yet that you may add tasks to.",
  open: "Open",
};
