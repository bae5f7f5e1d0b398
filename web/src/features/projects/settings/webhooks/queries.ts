/** The webhooks of a project and what they sent. */

import { queryOptions } from "@tanstack/react-query";

import { answer, api } from "@/api/client";

const WHILE_PENDING_MS = 1_000;
const OTHERWISE_MS = 15_000;

export const webhooksQuery = (project: string) =>
  queryOptions({
    queryKey: ["project", project, "webhooks"],
    queryFn: async () =>
      (
        await answer(
          api.GET("/api/v1/projects/{project}/webhooks", { params: { path: { project }, query: { limit: 200 } } }),
        )
      ).items,
  });

export const deliveriesQuery = (project: string, webhook: string) =>
  queryOptions({
    queryKey: ["project", project, "webhooks", webhook, "deliveries"],
    queryFn: async () =>
      (
        await answer(
          api.GET("/api/v1/projects/{project}/webhooks/{webhook_id}/deliveries", {
            params: { path: { project, webhook_id: webhook }, query: { limit: 30 } },
          }),
        )
      ).items,
    // No stream tells of deliveries.
    refetchInterval: ({ state }) =>
      state.data?.some(({ status, answer: came, error }) => status === "pending" && came === null && error === null)
        ? WHILE_PENDING_MS
        : OTHERWISE_MS,
    staleTime: 0,
  });
