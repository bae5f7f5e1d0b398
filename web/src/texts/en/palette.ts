/** Words of the command palette. */

export const palette = {
  title: "Commands and projects",
  commands: "Commands",
  nothing: "Nothing of that name",
  create: (line: string) => `Create “${line}”`,
};
