/** The tasks that a key or the bulk bar acts on, as the lists on the page know them. */

import { type QueryClient } from "@tanstack/react-query";

import type { TaskExpanded } from "@/api/schema";

import { type Pages, type TaskList, tasksOf } from "../queries";

export function knownTasks(client: QueryClient, project: string, keys: readonly string[]): TaskExpanded[] {
  const lists = client.getQueriesData<TaskList | Pages>({ queryKey: ["tasks", project] });
  const known = new Map<string, TaskExpanded>();
  for (const [, list] of lists) {
    for (const task of list === undefined ? [] : tasksOf(list)) {
      const other = known.get(task.key);
      if (other === undefined || other.version < task.version) known.set(task.key, task);
    }
  }
  return keys.flatMap((key) => known.get(key) ?? []);
}
