/** A board is one request. What a column shows beyond its first page stays shown when the board is asked for again. */

import { queryOptions } from "@tanstack/react-query";

import type { GroupBy, PageTaskExpanded, TaskGroup, TaskGroups } from "@/api/schema";
import type { ProjectSearch } from "@/app/search";

import { groupsQuery, listGroups, listTasks, type TaskParameters } from "../queries";

export type BoardParameters = Pick<TaskParameters, "filter" | "sort"> & { group_by: GroupBy; limit: number };

// The most that the service puts into a group.
const PAGE = 50;
const LARGEST_PAGE = 200;

/** Not the saved view: its filter and its sort are in the address, where they can be taken away again. */
export function boardParameters(search: ProjectSearch): BoardParameters {
  const { filter, sort, group = "status" } = search;
  return { filter, sort, group_by: group, limit: PAGE };
}

/** Whether cards stand where people put them: only then a drop has a place within its column. */
export function isOrderedByHand({ sort }: BoardParameters): boolean {
  return sort === "rank" || sort === undefined;
}

export const boardQuery = (project: string, parameters: BoardParameters) => {
  const { queryKey } = groupsQuery(project, parameters);
  return queryOptions({
    queryKey,
    queryFn: async ({ client }) => {
      const { groups } = await listGroups(project, parameters);
      const shown = (key: string) =>
        client.getQueryData(queryKey)?.groups.find((group) => group.key === key)?.items.length ?? 0;
      return { groups: await Promise.all(groups.map((group) => asLong(project, parameters, group, shown))) };
    },
  });
};

/** A column with its next page behind what it shows. */
export async function longer(
  project: string,
  parameters: BoardParameters,
  group: TaskGroup,
): Promise<(board: TaskGroups) => TaskGroups> {
  const page = await pageAfter(project, parameters, group, PAGE);
  return (board) => ({ groups: board.groups.map((one) => (one.key === group.key ? joined(one, page) : one)) });
}

async function asLong(
  project: string,
  parameters: BoardParameters,
  first: TaskGroup,
  shown: (key: string) => number,
): Promise<TaskGroup> {
  let group = first;
  for (;;) {
    // In whole pages: a card that was moved in must not bring fifty more.
    const missing = Math.round(shown(group.key) / PAGE) * PAGE - group.items.length;
    if (missing <= 0 || group.next_cursor === null) return group;
    const limit = Math.min(Math.max(missing, PAGE), LARGEST_PAGE);
    group = joined(group, await pageAfter(project, parameters, group, limit));
  }
}

function pageAfter(project: string, parameters: BoardParameters, group: TaskGroup, limit: number) {
  const { group_by: by, ...rest } = parameters;
  const cursor = group.next_cursor ?? undefined;
  // The service takes a group's key as the parameter of its grouping's name.
  const alone = { [by]: [group.key] } as Pick<TaskParameters, GroupBy>;
  return listTasks(project, { ...rest, ...alone, limit, cursor });
}

function joined(group: TaskGroup, page: PageTaskExpanded): TaskGroup {
  const known = new Set(group.items.map((task) => task.id));
  const items = [...group.items, ...page.items.filter((task) => !known.has(task.id))];
  return { ...group, items, next_cursor: page.next_cursor };
}
