/** The task that is open, with what its project offers and what the reader may do: for every part of the panel. */

import { createContext, useContext } from "react";

import type { TaskExpanded } from "@/api/schema";
import type { ProjectParts } from "@/features/projects/queries";

export type OpenTask = ProjectParts & {
  task: TaskExpanded;
  /** On a page of its own, not beside a view: its headings are of a higher order there. */
  isPage: boolean;
  mayWrite: boolean;
  mayComment: boolean;
  mayManage: boolean;
};

export const OpenTaskContext = createContext<OpenTask | null>(null);

export function useOpenTask(): OpenTask {
  const open = useContext(OpenTaskContext);
  if (open === null) throw new Error("no task is open here");
  return open;
}

/** Whether a key was pressed in the task: at the board beside it the same key is for the card there. */
export function isInPanel(event: Event): boolean {
  return event.target instanceof Element && event.target.closest("[data-task-content]") !== null;
}
