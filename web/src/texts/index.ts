/** Every text of the page, in one catalogue. Another language is another object of this shape. */

import { account } from "./en/account";
import { activity } from "./en/activity";
import { admin } from "./en/admin";
import { analytics } from "./en/analytics";
import { auth } from "./en/auth";
import { automation } from "./en/automation";
import { board } from "./en/board";
import { bulk } from "./en/bulk";
import { calendar, timeline } from "./en/calendar";
import { comments } from "./en/comments";
import { common } from "./en/common";
import { edges } from "./en/edges";
import { files } from "./en/files";
import { filters } from "./en/filters";
import { home, inbox, projectList, search } from "./en/home";
import { imports } from "./en/imports";
import { keyboard } from "./en/keyboard";
import { list } from "./en/list";
import { palette } from "./en/palette";
import { pickers } from "./en/pickers";
import { projectSettings } from "./en/projectSettings";
import { projects } from "./en/projects";
import { quick } from "./en/quick";
import { recurrence } from "./en/recurrence";
import { sharedPage } from "./en/sharedPage";
import { shell } from "./en/shell";
import { task } from "./en/task";
import { tasks } from "./en/tasks";

export const texts = {
  account,
  activity,
  admin,
  analytics,
  auth,
  automation,
  board,
  bulk,
  calendar,
  comments,
  common,
  edges,
  files,
  filters,
  home,
  imports,
  inbox,
  keyboard,
  list,
  palette,
  pickers,
  projectList,
  projects,
  projectSettings,
  quick,
  recurrence,
  search,
  sharedPage,
  shell,
  task,
  tasks,
  timeline,
};
