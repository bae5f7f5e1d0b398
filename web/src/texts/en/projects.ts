/** Words about projects. */

import type { ProjectRole } from "@/api/schema";

const roles: Record<ProjectRole, string> = {
  viewer: "Viewer",
  commenter: "Commenter",
  editor: "Editor",
  admin: "Administrator",
  owner: "Owner",
};

export const projects = {
  new: "New project",
  create: "Create project",
  name: "Name",
  key: "Key",
  keyHint: (key: string) => `Tasks will be ${key}-1, ${key}-2 and so on`,
  template: "Set up like",
  noTemplate: "No template",
  description: "Description",
  lost: (name: string) => `You see ${name} no more: it was deleted, or you were removed from it.`,
  archived: "This project is archived: it can be read, not changed.",
  views: "Views of the project",
  favourite: "Mark as favourite",
  roles,
};
