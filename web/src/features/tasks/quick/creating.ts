/** A task made of a line: what the line says, and what the place says in which it was typed. */

import { type QueryClient, useMutation, useQueryClient } from "@tanstack/react-query";

import { answer, api } from "@/api/client";
import type { QuickUnderstood, TaskCreate, TaskRead, TaskUpdate } from "@/api/schema";
import { tellProblem } from "@/ui/toasts";

import { previewQuery } from "./queries";

export type Creation = {
  text: string;
  /** The project's key that the task goes into, unless its text names another. */
  project: string;
  description?: string;
  /** What every task has that is made there: the status of a column. */
  fields?: TaskUpdate;
};

// The line as it was shown; a minute later tomorrow may be another day.
const FRESH_MS = 60_000;

export function useCreateFromLine(onMade: (task: TaskRead, line: string) => void) {
  const client = useQueryClient();
  return useMutation({
    meta: { quiet: true },
    mutationFn: (creation: Creation) => create(client, creation),
    onSuccess: async (task, { text }) => {
      onMade(task, text);
      await client.invalidateQueries({ queryKey: ["tasks"] });
    },
  });
}

/** In one request, so that a column that is full refuses it as a whole, and the line is still there. */
async function create(client: QueryClient, { text, project, description, fields }: Creation): Promise<TaskRead> {
  const { understood } = await client.query({ ...previewQuery(project, text), staleTime: FRESH_MS });
  const body = {
    // Another project that the line names has other columns.
    ...together(understood, understood.project === project ? fields : undefined),
    ...(description === undefined || description === "" ? {} : { description }),
  };
  const task = await answer(
    api.POST("/api/v1/projects/{project}/tasks", { params: { path: { project: understood.project } }, body }),
  );
  const { recurrence } = understood;
  if (recurrence === null) return task;
  const params = { path: { task: task.key } };
  return answer(api.PUT("/api/v1/tasks/{task}/recurrence", { params, body: recurrence })).catch((error: unknown) => {
    // The task is made: the same line must not make a second one.
    tellProblem(error);
    return task;
  });
}

/** People and labels are those of both; of all else the place decides, where it does. */
function together(understood: QuickUnderstood, fields: TaskUpdate = {}): TaskCreate & TaskUpdate {
  const { title, priority, due_on, due_at } = understood;
  const people = new Set([...(fields.assignee_ids ?? []), ...understood.assignees.map(({ id }) => id)]);
  const labels = new Set([...(fields.label_ids ?? []), ...understood.labels.map(({ id }) => id)]);
  const due = due_at === null ? (due_on === null ? {} : { due_on }) : { due_at };
  return {
    title,
    ...(priority === "none" ? {} : { priority }),
    ...("due_on" in fields ? {} : due),
    ...fields,
    ...(people.size === 0 ? {} : { assignee_ids: [...people] }),
    ...(labels.size === 0 ? {} : { label_ids: [...labels] }),
  };
}
