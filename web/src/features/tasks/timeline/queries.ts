/** What a timeline draws: the tasks of its days, and who waits for whom. */

import { queryOptions } from "@tanstack/react-query";

import { answer, api } from "@/api/client";

/** What blocks a task, by keys. Key: as the task's own parts, so that a new link draws a new line. */
export const blockersQuery = (task: string) =>
  queryOptions({
    queryKey: ["task", task, "blockers"],
    queryFn: async () => {
      const links = await answer(
        api.GET("/api/v1/tasks/{task}/links", { params: { path: { task }, query: { limit: 200 } } }),
      );
      return links.items
        .filter((link) => link.type === "blocks" && link.direction === "incoming")
        .map((link) => link.task.key);
    },
  });
