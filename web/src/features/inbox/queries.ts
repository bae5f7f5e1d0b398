/** Notifications as queries. Keys: ["notifications"], ["notifications", part], and ["user", id] of who caused them. */

import { infiniteQueryOptions, type QueryClient, queryOptions } from "@tanstack/react-query";

import { answer, api } from "@/api/client";
import type { NotificationRead } from "@/api/schema";

const PAGE = 50;

export const unreadQuery = () =>
  queryOptions({
    queryKey: ["notifications", "unread"],
    queryFn: async () =>
      (await answer(api.GET("/api/v1/notifications", { params: { query: { limit: 1 } } }))).unread_count,
  });

export const messagesQuery = (query: { limit: number }) =>
  queryOptions({
    queryKey: ["notifications", "newest", query],
    queryFn: async ({ client }) =>
      withActors(client, await answer(api.GET("/api/v1/notifications", { params: { query } }))),
  });

export const inboxQuery = (unread: boolean) =>
  infiniteQueryOptions({
    queryKey: ["notifications", "pages", unread],
    initialPageParam: undefined as string | undefined,
    queryFn: async ({ client, pageParam }) => {
      const query = { limit: PAGE, cursor: pageParam, unread: unread || undefined };
      return withActors(client, await answer(api.GET("/api/v1/notifications", { params: { query } })));
    },
    getNextPageParam: (page) => page.next_cursor ?? undefined,
  });

export const actorQuery = (id: string) =>
  queryOptions({
    queryKey: ["user", id],
    queryFn: () => answer(api.GET("/api/v1/users/{user_id}", { params: { path: { user_id: id } } })),
    staleTime: Infinity,
  });

/** Together with their names: one that came later could make its message longer, and push down those beneath it. */
async function withActors<P extends { items: NotificationRead[] }>(client: QueryClient, page: P): Promise<P> {
  const actors = new Set(page.items.flatMap(({ actor_id: id }) => id ?? []));
  // Whoever cannot be found is somebody, and no reason to wait.
  await Promise.allSettled(
    [...actors].map((id) => client.query({ ...actorQuery(id), staleTime: "static", retry: false })),
  );
  return page;
}
