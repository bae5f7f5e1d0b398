/** Keys for tasks that are selected, or for the one at the cursor. A view adds how its cursor moves. */

import { useQueryClient } from "@tanstack/react-query";

import type { TaskExpanded } from "@/api/schema";
import { may, useProjectParts } from "@/features/projects/queries";
import { beneathDialogs, type KeyHandler, useKeys } from "@/keyboard/useKeys";

import { useCompleteTask, useDeleteTask } from "../changing";
import { useBulkComplete, useBulkDelete } from "./bulk";
import { knownTasks } from "./chosen";
import { type Field, openFieldDialog } from "./fields";
import { chosenTasks, clearSelection, currentSelection, extendTo, selectAll, toggle } from "./selection";

export function useSelectionKeys(project: string): void {
  const client = useQueryClient();
  const canChange = may(useProjectParts(project).project, "editor");
  const complete = useCompleteTask();
  const remove = useDeleteTask();
  const completeAll = useBulkComplete();
  const removeAll = useBulkDelete();

  const choose = (field: Field): KeyHandler => {
    return () => {
      const tasks = chosenTasks();
      if (!canChange || tasks.length === 0) return false;
      openFieldDialog(field, tasks);
      return true;
    };
  };
  const act = (one: (task: TaskExpanded) => void, many: (tasks: readonly TaskExpanded[]) => void): KeyHandler => {
    return () => {
      const tasks = knownTasks(client, project, chosenTasks());
      const [task] = tasks;
      if (!canChange || task === undefined) return false;
      if (tasks.length === 1) one(task);
      else many(tasks);
      return true;
    };
  };
  const atCursor = (change: (task: string) => void): KeyHandler => {
    return () => {
      const { cursor } = currentSelection();
      if (cursor === null || !canChange) return false;
      change(cursor);
      return true;
    };
  };
  useKeys(
    beneathDialogs({
      select: atCursor(toggle),
      selectRange: atCursor(extendTo),
      selectAll: () => {
        if (!canChange || currentSelection().order.length === 0) return false;
        selectAll();
        return true;
      },
      close: () => {
        if (currentSelection().selected.size === 0) return false;
        clearSelection();
        return true;
      },
      status: choose("status"),
      assignee: choose("assignee"),
      priority: choose("priority"),
      labels: choose("labels"),
      due: choose("due"),
      moveToProject: choose("project"),
      complete: act(complete.mutate, completeAll.mutate),
      remove: act(remove.mutate, removeAll.mutate),
    }),
  );
}
