/** Tasks as queries. Keys: ["task", KEY-1], ["task", KEY-1, part], ["tasks", KEY or "mine", parameters]. */

import { queryOptions } from "@tanstack/react-query";

import { answer, api } from "@/api/client";
import type { operations, PageTaskExpanded, TaskExpanded, TaskGroups } from "@/api/schema";

export type TaskParameters = NonNullable<operations["list_project_tasks"]["parameters"]["query"]>;

/** What a card or a row shows beside the task itself. */
const SHOWN = ["comments_count", "progress", "checklist"] satisfies TaskParameters["expand"];

export const taskQuery = (task: string) =>
  queryOptions({
    queryKey: ["task", task],
    queryFn: () =>
      answer(
        api.GET("/api/v1/tasks/{task}", {
          params: {
            path: { task },
            query: { expand: [...SHOWN, "description_html", "parent", "project", "creator", "time"] },
          },
        }),
      ),
  });

export const tasksQuery = (project: string, parameters: TaskParameters) =>
  queryOptions({ queryKey: ["tasks", project, parameters], queryFn: () => listTasks(project, parameters) });

export async function listTasks(project: string, parameters: TaskParameters): Promise<PageTaskExpanded> {
  const query = { expand: SHOWN, ...parameters };
  return (await answer(
    api.GET("/api/v1/projects/{project}/tasks", { params: { path: { project }, query } }),
  )) as PageTaskExpanded;
}

export type GroupParameters = TaskParameters & { group_by: NonNullable<TaskParameters["group_by"]> };

export const groupsQuery = (project: string, parameters: GroupParameters) =>
  queryOptions({ queryKey: ["tasks", project, parameters], queryFn: () => listGroups(project, parameters) });

export async function listGroups(project: string, parameters: GroupParameters): Promise<TaskGroups> {
  const query = { expand: SHOWN, ...parameters };
  return (await answer(
    api.GET("/api/v1/projects/{project}/tasks", { params: { path: { project }, query } }),
  )) as TaskGroups;
}

/** Over all my projects. */
export const myTasksQuery = (parameters: TaskParameters) =>
  queryOptions({
    queryKey: ["tasks", "mine", parameters],
    queryFn: async () =>
      (await answer(
        api.GET("/api/v1/tasks", { params: { query: { expand: ["project"], ...parameters } } }),
      )) as PageTaskExpanded,
  });

/** The project's key in a task's key: WEB of WEB-12. */
export function projectOf(taskKey: string): string {
  return taskKey.slice(0, taskKey.lastIndexOf("-"));
}

export type Pages = { pages: TaskList[]; pageParams: unknown[] };
export type TaskList = { items: TaskExpanded[] } | TaskGroups;

/** The same list with each task changed; null takes it out. Knows pages, groups and pages of pages. */
export function mapTasks<L extends TaskList | Pages>(list: L, change: (task: TaskExpanded) => TaskExpanded | null): L {
  if ("pages" in list) return { ...list, pages: list.pages.map((page) => mapTasks(page, change)) };
  if ("groups" in list) {
    return { ...list, groups: list.groups.map((group) => ({ ...group, items: changed(group.items, change) })) };
  }
  return { ...list, items: changed(list.items, change) };
}

function changed(items: TaskExpanded[], change: (task: TaskExpanded) => TaskExpanded | null): TaskExpanded[] {
  const next = items.map(change);
  return next.every((task, index) => task === items[index]) ? items : next.filter((task) => task !== null);
}

/** The same groups after a change of a task's own field: each task in the group of what it says now. */
export function regrouped(list: TaskGroups, by: "status" | "priority"): TaskGroups {
  const strays = list.groups.flatMap((group) => group.items.filter((task) => task[by] !== group.key));
  if (strays.length === 0) return list;
  return {
    ...list,
    groups: list.groups.map((group) => {
      const stayed = group.items.filter((task) => task[by] === group.key);
      const came = strays.filter((task) => task[by] === group.key);
      if (came.length === 0 && stayed.length === group.items.length) return group;
      const count = group.count + came.length + stayed.length - group.items.length;
      return { ...group, count, items: [...stayed, ...came] };
    }),
  };
}

/** All tasks that a list shows, of whatever shape it is. */
export function tasksOf(list: TaskList | Pages): TaskExpanded[] {
  if ("pages" in list) return list.pages.flatMap(tasksOf);
  return "groups" in list ? list.groups.flatMap((group) => group.items) : list.items;
}
