/** Writes what was chosen for a field: of one task as any change of it, of many in one step. */

import type { BulkPatch, TaskExpanded, TaskUpdate } from "@/api/schema";

import { useChangeTask } from "../changing";
import { toggled } from "../pickers/choices";
import { useBulkChange, useBulkMove } from "./bulk";
import type { Field } from "./fields";

export function useFieldWriter(): (field: Field, value: string, tasks: readonly TaskExpanded[]) => void {
  const change = useChangeTask();
  const bulk = useBulkChange();
  const move = useBulkMove();
  return (field, value, tasks) => {
    const [task] = tasks;
    if (task === undefined) return;
    if (field === "project") move.mutate({ tasks, project: value });
    else if (tasks.length === 1) change.mutate({ task, patch: single(field, value, task) });
    else bulk.mutate({ tasks, patch: common(field, value, tasks) });
  };
}

/** What is chosen for all of them, to be marked in the list of choices. */
export function chosenFor(field: Field, tasks: readonly TaskExpanded[]): string[] {
  const each = tasks.map((task) => valuesOf(field, task));
  return (each[0] ?? []).filter((value) => each.every((values) => values.includes(value)));
}

function valuesOf(field: Field, task: TaskExpanded): readonly string[] {
  switch (field) {
    case "status":
      return [task.status];
    case "priority":
      return [task.priority];
    case "assignee":
      return task.assignee_ids;
    case "labels":
      return task.label_ids;
    default:
      return [];
  }
}

function single(field: Field, value: string, task: TaskExpanded): TaskUpdate {
  switch (field) {
    case "assignee":
      return { assignee_ids: toggled(task.assignee_ids, value) };
    case "labels":
      return { label_ids: toggled(task.label_ids, value) };
    default:
      return plain(field, value);
  }
}

function common(field: Field, value: string, tasks: readonly TaskExpanded[]): BulkPatch {
  const isThere = chosenFor(field, tasks).includes(value);
  switch (field) {
    case "assignee":
      return isThere ? { remove_assignee_ids: [value] } : { add_assignee_ids: [value] };
    case "labels":
      return isThere ? { remove_label_ids: [value] } : { add_label_ids: [value] };
    default:
      return plain(field, value);
  }
}

function plain(field: Field, value: string): TaskUpdate {
  switch (field) {
    case "status":
      return { status: value };
    case "priority":
      return { priority: value as TaskExpanded["priority"] };
    case "due":
      if (value === "") return { due_on: null, due_at: null };
      return value.includes("T") ? { due_at: value } : { due_on: value };
    default:
      return {};
  }
}
