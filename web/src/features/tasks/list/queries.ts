/** The pages of a list, and of one group of it. */

import { infiniteQueryOptions } from "@tanstack/react-query";

import { answer, api } from "@/api/client";
import type { GroupBy, PageTaskExpanded } from "@/api/schema";
import type { TaskParameters } from "@/features/tasks/queries";

const PAGE = 100;

export const pagesQuery = (project: string, parameters: TaskParameters) =>
  infiniteQueryOptions({
    // "pages" keeps its shape apart from that of a list of one page with the same parameters.
    queryKey: ["tasks", project, parameters, "pages"],
    initialPageParam: undefined as string | undefined,
    queryFn: async ({ pageParam }) =>
      (await answer(
        api.GET("/api/v1/projects/{project}/tasks", {
          params: {
            path: { project },
            query: {
              limit: PAGE,
              include: ["total"],
              expand: ["progress", "comments_count"],
              ...parameters,
              cursor: pageParam,
            },
          },
        }),
      )) as PageTaskExpanded,
    getNextPageParam: (page) => page.next_cursor ?? undefined,
  });

/** What narrows a list to one group: the parameter of the group's name has its key. */
export function ofGroup(parameters: TaskParameters, group: GroupBy, key: string): TaskParameters {
  return { ...parameters, group_by: undefined, [group]: [key] };
}
