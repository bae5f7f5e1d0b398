/** The same change of many tasks: drawn at once, one request where the service has one, one way back for all. */

import { type QueryClient, useMutation, useQueryClient } from "@tanstack/react-query";

import { answer, api } from "@/api/client";
import type { Batch, BulkPatch, TaskExpanded } from "@/api/schema";
import { texts } from "@/texts";
import { tell, tellUndoable } from "@/ui/toasts";

import { askAgain, earlier, merged, putBack, showAtOnce } from "../changing";
import { WRITING } from "../underWay";
import { clearSelection } from "./selection";

type Operation = Batch["operations"][number];
type BulkChange = { tasks: readonly TaskExpanded[]; patch: BulkPatch };

// As many as the service takes in one batch.
const BATCH = 100;

export function useBulkChange() {
  const client = useQueryClient();
  return useMutation({
    mutationKey: WRITING,
    mutationFn: ({ tasks, patch }: BulkChange) =>
      answer(api.POST("/api/v1/tasks/bulk", { body: { ids: tasks.map((task) => task.id), patch } })),
    onMutate: ({ tasks, patch }) => showAtOnce(client, keysOf(tasks), (task) => patched(task, patch)),
    onError: (_error, _change, kept) => putBack(client, kept),
    onSuccess: ({ changed }, { tasks, patch }) => {
      offerUndo(
        client,
        texts.tasks.changedMany(changed),
        tasks.map((task) => ({ op: "update", task: task.id, ...earlier(task, whole(patch)) })),
      );
    },
    onSettled: () => askAgain(client),
  });
}

export function useBulkDelete() {
  const client = useQueryClient();
  return useMutation({
    mutationKey: WRITING,
    mutationFn: (tasks: readonly TaskExpanded[]) => inBatches(tasks.map((task) => ({ op: "delete", task: task.id }))),
    onMutate: (tasks) => showAtOnce(client, keysOf(tasks), () => null),
    onError: (_error, _tasks, kept) => putBack(client, kept),
    onSuccess: (_nothing, tasks) => {
      clearSelection();
      offerUndo(
        client,
        texts.tasks.deletedMany(tasks.length),
        tasks.map((task) => ({ op: "restore", task: task.id })),
      );
    },
    onSettled: () => askAgain(client),
  });
}

/** Completes those that are open; where none is, all are opened again. */
export function useBulkComplete() {
  const client = useQueryClient();
  return useMutation({
    mutationKey: WRITING,
    mutationFn: (tasks: readonly TaskExpanded[]) => {
      const { op, those } = completing(tasks);
      return inBatches(those.map((task) => ({ op, task: task.id })));
    },
    onSuccess: (_nothing, tasks) => {
      const { those } = completing(tasks);
      offerUndo(
        client,
        texts.tasks.changedMany(those.length),
        those.map(({ id, status }) => ({ op: "update", task: id, status })),
      );
    },
    onSettled: () => askAgain(client),
  });
}

/** To another project, where each task gets another key. */
export function useBulkMove() {
  const client = useQueryClient();
  return useMutation({
    mutationKey: WRITING,
    mutationFn: ({ tasks, project }: { tasks: readonly TaskExpanded[]; project: string }) =>
      inBatches(tasks.map((task) => ({ op: "move", task: task.id, project }))),
    onMutate: ({ tasks }) => showAtOnce(client, keysOf(tasks), () => null),
    onError: (_error, _move, kept) => putBack(client, kept),
    onSuccess: (_nothing, { tasks, project }) => {
      clearSelection();
      tell(texts.bulk.movedTo(tasks.length, project));
    },
    onSettled: () => askAgain(client),
  });
}

function completing(tasks: readonly TaskExpanded[]): { op: "complete" | "reopen"; those: readonly TaskExpanded[] } {
  const open = tasks.filter((task) => task.completed_at === null);
  return open.length > 0 ? { op: "complete", those: open } : { op: "reopen", those: tasks };
}

/** Of which fields a patch is, where it adds to lists or takes from them. */
function whole({ add_assignee_ids, remove_assignee_ids, add_label_ids, remove_label_ids, ...patch }: BulkPatch) {
  return {
    ...patch,
    ...(add_assignee_ids === undefined && remove_assignee_ids === undefined ? {} : { assignee_ids: [] }),
    ...(add_label_ids === undefined && remove_label_ids === undefined ? {} : { label_ids: [] }),
  };
}

function patched(task: TaskExpanded, patch: BulkPatch): TaskExpanded {
  const { add_assignee_ids, remove_assignee_ids, add_label_ids, remove_label_ids, ...fields } = patch;
  return {
    ...task,
    ...(fields as Partial<TaskExpanded>),
    fields: merged(task, patch),
    assignee_ids: changedIds(fields.assignee_ids ?? task.assignee_ids, add_assignee_ids, remove_assignee_ids),
    label_ids: changedIds(fields.label_ids ?? task.label_ids, add_label_ids, remove_label_ids),
  };
}

function changedIds(ids: string[], added: readonly string[] = [], removed: readonly string[] = []): string[] {
  if (added.length === 0 && removed.length === 0) return ids;
  return [...new Set([...ids, ...added])].filter((id) => !removed.includes(id));
}

function offerUndo(client: QueryClient, message: string, operations: Operation[]): void {
  const undo = () => inBatches(operations).then(() => askAgain(client));
  tellUndoable(message, undo);
}

async function inBatches(operations: Operation[]): Promise<void> {
  for (let from = 0; from < operations.length; from += BATCH) {
    const body = { atomic: true, operations: operations.slice(from, from + BATCH) };
    await answer(api.POST("/api/v1/tasks/batch", { body }));
  }
}

function keysOf(tasks: readonly TaskExpanded[]): string[] {
  return tasks.map((task) => task.key);
}
