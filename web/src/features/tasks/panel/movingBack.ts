/** Takes a move to another project back: the task returns under a new key, and gets back what had stayed behind. */

import { useQueryClient } from "@tanstack/react-query";

import { answer, api } from "@/api/client";
import type { TaskExpanded, TaskRead } from "@/api/schema";

/** What has no namesake elsewhere and is lost on the way: as it was before. */
function leftBehind(task: TaskExpanded) {
  const { label_ids, assignee_ids, milestone_id, cycle_id, parent_id, fields } = task;
  return { label_ids, assignee_ids, milestone_id, cycle_id, parent_id, fields };
}

/** Subtasks go along and lose theirs, which nobody has noted: with them it would not be as it was. */
export function isMovableBack(task: TaskExpanded): boolean {
  return task.progress?.total === 0;
}

export function useMoveBack() {
  const client = useQueryClient();
  return async (task: TaskExpanded, project: string): Promise<TaskRead> => {
    const params = { path: { task: task.id } };
    const move = { project, status: task.status };
    await answer(api.POST("/api/v1/tasks/{task}/move", { params, body: move }));
    const now = await answer(api.PATCH("/api/v1/tasks/{task}", { params, body: leftBehind(task) }));
    await client.invalidateQueries({ queryKey: ["tasks"] });
    return now;
  };
}
