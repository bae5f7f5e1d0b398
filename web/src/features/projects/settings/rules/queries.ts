/** The rules of a project and what they did. */

import { queryOptions } from "@tanstack/react-query";

import { answer, api } from "@/api/client";

export const rulesQuery = (project: string) =>
  queryOptions({
    queryKey: ["project", project, "rules"],
    queryFn: async () =>
      (
        await answer(
          api.GET("/api/v1/projects/{project}/rules", { params: { path: { project }, query: { limit: 200 } } }),
        )
      ).items,
  });

export const runsQuery = (project: string, rule: string) =>
  queryOptions({
    queryKey: ["project", project, "rules", rule, "runs"],
    queryFn: async () =>
      (
        await answer(
          api.GET("/api/v1/projects/{project}/rules/{rule_id}/runs", {
            params: { path: { project, rule_id: rule }, query: { limit: 50 } },
          }),
        )
      ).items,
    // Runs are in no stream of changes.
    staleTime: 0,
  });
