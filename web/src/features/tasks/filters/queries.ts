/** Saved views as queries. Key: ["views", KEY]. */

import { queryOptions } from "@tanstack/react-query";

import { answer, api } from "@/api/client";
import type { ViewRead } from "@/api/schema";

/** Those of one project, and mine over all projects. */
export const viewsQuery = (projectId: string) =>
  queryOptions({
    queryKey: ["views", projectId],
    queryFn: async (): Promise<ViewRead[]> => {
      const all = (await answer(api.GET("/api/v1/views", { params: { query: { limit: 200 } } }))).items;
      return all.filter((view) => view.project_id === projectId || view.project_id === null);
    },
  });
