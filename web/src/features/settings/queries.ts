/** What belongs to who is signed in. Keys: ["mine", part]. */

import { queryOptions } from "@tanstack/react-query";

import { answer, api } from "@/api/client";

const all = { params: { query: { limit: 200 } } };

export const preferencesQuery = queryOptions({
  queryKey: ["mine", "preferences"],
  queryFn: () => answer(api.GET("/api/v1/notifications/preferences")),
});

export const sessionsQuery = queryOptions({
  queryKey: ["mine", "sessions"],
  queryFn: async () => (await answer(api.GET("/api/v1/auth/sessions", all))).items,
});

export const tokensQuery = queryOptions({
  queryKey: ["mine", "tokens"],
  queryFn: async () => (await answer(api.GET("/api/v1/auth/tokens", all))).items,
});

export const identitiesQuery = queryOptions({
  queryKey: ["mine", "identities"],
  queryFn: async () => (await answer(api.GET("/api/v1/auth/identities", all))).items,
});

export const feedsQuery = queryOptions({
  queryKey: ["mine", "feeds"],
  queryFn: async () => (await answer(api.GET("/api/v1/users/me/feeds", all))).items,
});
