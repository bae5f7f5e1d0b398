/** Writing to tasks: shown at once, put back with a word when the service refuses, and undoable. */

import {
  defaultScheduler,
  notifyManager,
  type QueryClient,
  type QueryKey,
  useMutation,
  useQueryClient,
} from "@tanstack/react-query";

import { answer, api } from "@/api/client";
import type { TaskExpanded, TaskMove, TaskRead, TaskUpdate } from "@/api/schema";
import { texts } from "@/texts";
import { tellUndoable } from "@/ui/toasts";
import { rememberUndo } from "@/ui/undo";

import { mapTasks, regrouped, type TaskList, type TaskParameters } from "./queries";
import { isLastOf, WRITING } from "./underWay";

export type Kept = [QueryKey, unknown][];
export type Change = { task: TaskExpanded; patch: TaskUpdate };

/** Changes fields of one task; what was there before comes back with Undo. */
export function useChangeTask() {
  const client = useQueryClient();
  return useMutation({
    mutationKey: WRITING,
    mutationFn: ({ task, patch }: Change) => patchTask(task.key, patch),
    onMutate: ({ task, patch }) =>
      showAtOnce(client, [task.key], (old) => ({
        ...old,
        ...(patch as Partial<TaskExpanded>),
        fields: merged(old, patch),
      })),
    onError: (_error, _change, kept) => {
      putBack(client, kept);
      // What was kept may show another change that was on its way, and is refused as well.
      return askAgain(client);
    },
    onSuccess: (now, { task, patch }) => {
      if (isLastOf(client, task.key)) settle(client, now);
      const before = earlier(task, patch);
      rememberUndo(async () => settle(client, await patchTask(task.key, before)));
    },
  });
}

export type Move = {
  task: TaskExpanded;
  move: TaskMove;
  /** What takes it back, where that is more than its status. */
  back?: TaskMove;
  /** Draws it where it goes, in lists that the mover knows. */
  show?: () => void;
};

/** Moves a task between statuses, places or projects. */
export function useMoveTask() {
  const client = useQueryClient();
  return useMutation({
    mutationKey: WRITING,
    mutationFn: ({ task, move }: Move) => moveTask(task.key, move),
    onMutate: ({ show }) => hold(client, show),
    onError: (_error, _move, kept) => putBack(client, kept),
    onSuccess: (now, { task, move, back }) => {
      if (isLastOf(client, task.key)) settle(client, now);
      if (move.project != null) return;
      rememberUndo(async () => {
        settle(client, await moveTask(now.key, back ?? { status: task.status }));
        await askAgain(client);
      });
    },
    onSettled: () => askAgain(client),
  });
}

/** Keeps what lists show before a change is drawn. A list asked for now would draw the old state over it. */
export async function hold(client: QueryClient, show?: () => void): Promise<Kept> {
  await client.cancelQueries({ queryKey: ["tasks"] });
  const kept = client.getQueriesData({ queryKey: ["tasks"] });
  if (show !== undefined) drawNow(show);
  return kept;
}

/**
 * In this task, not in one after it: a dropped card would be painted twice, gone first and come then. For what comes
 * from the service it stays the other way: whoever waits for an answer hears of it before its lists are drawn.
 */
function drawNow(show: () => void): void {
  notifyManager.setScheduler(queueMicrotask);
  try {
    show();
  } finally {
    notifyManager.setScheduler(defaultScheduler);
  }
}

/** Asks for the lists again, unless another change is under way: they would show its tasks as they were. */
export async function askAgain(client: QueryClient): Promise<void> {
  if (client.isMutating({ mutationKey: WRITING }) > 1) return;
  await client.invalidateQueries({ queryKey: ["tasks"] });
}

/** Deletes without a question, and offers the way back for ten seconds. */
export function useDeleteTask() {
  const client = useQueryClient();
  const restore = async (task: string) => {
    await answer(api.POST("/api/v1/tasks/{task}/restore", { params: { path: { task } } }));
    await client.invalidateQueries({ queryKey: ["tasks"] });
  };
  return useMutation({
    mutationKey: WRITING,
    mutationFn: (task: TaskExpanded) =>
      answer(api.DELETE("/api/v1/tasks/{task}", { params: { path: { task: task.key } } })),
    onMutate: (task) => showAtOnce(client, [task.key], () => null),
    onError: (_error, _task, kept) => {
      putBack(client, kept);
      return askAgain(client);
    },
    // By its id: a task in the trash is not found by its key's project alone.
    onSuccess: (_nothing, task) => tellUndoable(texts.tasks.deleted(task.key), () => restore(task.id)),
  });
}

export function useCompleteTask() {
  const client = useQueryClient();
  return useMutation({
    mutationKey: WRITING,
    mutationFn: (task: TaskExpanded) => {
      const params = { path: { task: task.key } };
      return answer(
        task.completed_at === null
          ? api.POST("/api/v1/tasks/{task}/complete", { params })
          : api.POST("/api/v1/tasks/{task}/reopen", { params }),
      );
    },
    onSuccess: (now, task) => {
      if (isLastOf(client, task.key)) settle(client, now);
      rememberUndo(async () => settle(client, await patchTask(task.key, { status: task.status })));
    },
    onSettled: () => askAgain(client),
  });
}

/** Writes what the service answered into every list that shows the task. */
export function settle(client: QueryClient, now: TaskRead): void {
  const renewed = (old: TaskExpanded) => (old.version > now.version ? old : { ...old, ...now });
  client.setQueryData<TaskExpanded>(["task", now.key], (old) => old && renewed(old));
  eachList(client, (list) => mapTasks(list, (task) => (task.id === now.id ? renewed(task) : task)));
}

async function patchTask(task: string, body: TaskUpdate): Promise<TaskRead> {
  return answer(api.PATCH("/api/v1/tasks/{task}", { params: { path: { task } }, body }));
}

async function moveTask(task: string, body: TaskMove): Promise<TaskRead> {
  return answer(api.POST("/api/v1/tasks/{task}/move", { params: { path: { task } }, body }));
}

/** Draws tasks as they will be, or with null takes them out of every list. */
export async function showAtOnce(
  client: QueryClient,
  keys: readonly string[],
  change: (task: TaskExpanded) => TaskExpanded | null,
): Promise<Kept> {
  await Promise.all(keys.map((key) => client.cancelQueries({ queryKey: ["task", key], exact: true })));
  const tasks: Kept = keys.map((key) => [["task", key], client.getQueryData(["task", key])]);
  const changing = new Set(keys);
  const kept = await hold(client, () =>
    eachList(client, (list) => mapTasks(list, (task) => (changing.has(task.key) ? change(task) : task))),
  );
  for (const key of keys) {
    client.setQueryData<TaskExpanded>(["task", key], (old) => (old === undefined ? old : (change(old) ?? old)));
  }
  return [...kept, ...tasks];
}

export function putBack(client: QueryClient, kept: Kept | undefined): void {
  for (const [key, data] of kept ?? []) if (data !== undefined) client.setQueryData(key, data);
}

function eachList(client: QueryClient, change: (list: TaskList) => TaskList): void {
  for (const [key, list] of client.getQueriesData<TaskList>({ queryKey: ["tasks"] })) {
    if (list === undefined) continue;
    const by = (key[2] as TaskParameters | undefined)?.group_by;
    const next = change(list);
    // In groups by a field of its own, a task goes where it says that it is.
    const isIn = by === "status" || by === "priority";
    client.setQueryData(key, isIn && "groups" in next ? regrouped(next, by) : next);
  }
}

export function pick(task: TaskExpanded, names: string[]): TaskUpdate {
  return Object.fromEntries(names.map((name) => [name, task[name as keyof TaskExpanded]]));
}

/** Custom fields are merged by the service, not replaced. */
export function merged(task: TaskExpanded, patch: TaskUpdate): TaskExpanded["fields"] {
  return { ...task.fields, ...patch.fields };
}

/** What takes a patch back: the same fields, and the same custom fields, as they were. */
export function earlier(task: TaskExpanded, patch: TaskUpdate): TaskUpdate {
  const before = Object.fromEntries(Object.keys(patch).map((name) => [name, task[name as keyof TaskExpanded]]));
  if (patch.fields === undefined) return before;
  const fields = Object.fromEntries(Object.keys(patch.fields).map((name) => [name, task.fields[name] ?? null]));
  return { ...before, fields };
}
