/** What belongs to a task and is asked for when it is looked at. Keys: ["task", KEY, part]; live changes make it stale. */

import { queryOptions, useMutation, useQueryClient } from "@tanstack/react-query";

import { answer, api } from "@/api/client";
import type { ChangeKind } from "@/api/schema";

const ALL = 200;

const of = (task: string) => ({ params: { path: { task }, query: { limit: ALL } } });

export const checklistQuery = (task: string) =>
  queryOptions({
    queryKey: ["task", task, "checklist"],
    queryFn: async () => (await answer(api.GET("/api/v1/tasks/{task}/checklist", of(task)))).items,
  });

export const linksQuery = (task: string) =>
  queryOptions({
    queryKey: ["task", task, "links"],
    queryFn: async () => (await answer(api.GET("/api/v1/tasks/{task}/links", of(task)))).items,
  });

export const attachmentsQuery = (task: string) =>
  queryOptions({
    queryKey: ["task", task, "attachments"],
    queryFn: async () => (await answer(api.GET("/api/v1/tasks/{task}/attachments", of(task)))).items,
  });

export const watchersQuery = (task: string) =>
  queryOptions({
    queryKey: ["task", task, "watchers"],
    queryFn: async () => (await answer(api.GET("/api/v1/tasks/{task}/watchers", of(task)))).items,
  });

export const remindersQuery = (task: string) =>
  queryOptions({
    queryKey: ["task", task, "reminders"],
    queryFn: async () => (await answer(api.GET("/api/v1/tasks/{task}/reminders", of(task)))).items,
  });

export const timeEntriesQuery = (task: string) =>
  queryOptions({
    queryKey: ["task", task, "time-entries"],
    queryFn: async () =>
      (
        await answer(
          api.GET("/api/v1/tasks/{task}/time-entries", {
            params: { path: { task }, query: { limit: ALL, sort: "-started_at" } },
          }),
        )
      ).items,
  });

export const subtasksQuery = (project: string, task: string) =>
  queryOptions({
    queryKey: ["task", task, "subtasks"],
    queryFn: async () => {
      const page = await answer(
        api.GET("/api/v1/projects/{project}/tasks", {
          params: { path: { project }, query: { parent: task, sort: "rank", limit: ALL } },
        }),
      );
      return "items" in page ? page.items : [];
    },
  });

export const timerQuery = () =>
  queryOptions({
    queryKey: ["task", "timer"],
    queryFn: async () => (await answer(api.GET("/api/v1/users/me/timer"))).timer,
  });

/**
 * Writes something that belongs to a task, and asks for that part again, and for what the task counts of it.
 *
 * What is to be told of it goes into `done`: what `mutate` is given is forgotten with the row that it deletes.
 */
export function useWritePart<V, R>(
  task: string,
  part: string,
  write: (given: V) => Promise<R>,
  done?: (result: R, given: V) => void,
) {
  const client = useQueryClient();
  return useMutation({
    mutationFn: write,
    onSuccess: done,
    onSettled: () =>
      Promise.all([
        client.invalidateQueries({ queryKey: ["task", task, part] }),
        client.invalidateQueries({ queryKey: ["task", task], exact: true }),
      ]),
  });
}

/** Takes back a deletion that is in the log: what was deleted is made again, with its id. */
export async function takeBackDeletion(task: string, kind: ChangeKind, subject: string): Promise<void> {
  const query = { kind: [kind], actor: "me", limit: 50 };
  const { items } = await answer(api.GET("/api/v1/tasks/{task}/history", { params: { path: { task }, query } }));
  const change = items.find((item) => item.subject_id === subject);
  if (change === undefined) return;
  await answer(api.POST("/api/v1/changes/{change_id}/revert", { params: { path: { change_id: change.id } } }));
}
