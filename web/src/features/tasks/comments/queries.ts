/** Comments of a task, in pages from the newest on, and writing them. */

import { infiniteQueryOptions, useMutation, useQueryClient } from "@tanstack/react-query";

import { answer, api, ifMatch } from "@/api/client";
import type { CommentExpanded, ReactionRead } from "@/api/schema";

const PAGE = 30;
const keyOf = (task: string) => ["task", task, "comments"] as const;

export const commentsQuery = (task: string) =>
  infiniteQueryOptions({
    queryKey: keyOf(task),
    initialPageParam: undefined as string | undefined,
    queryFn: ({ pageParam }) =>
      answer(
        api.GET("/api/v1/tasks/{task}/comments", {
          params: { path: { task }, query: { expand: ["html"], sort: "-created_at", limit: PAGE, cursor: pageParam } },
        }),
      ),
    getNextPageParam: (page) => page.next_cursor ?? undefined,
  });

function useSettled(task: string) {
  const client = useQueryClient();
  return () =>
    Promise.all([
      client.invalidateQueries({ queryKey: keyOf(task) }),
      client.invalidateQueries({ queryKey: ["task", task], exact: true }),
    ]);
}

export function useAddComment(task: string) {
  return useMutation({
    meta: { quiet: true },
    mutationFn: (body: string) =>
      answer(api.POST("/api/v1/tasks/{task}/comments", { params: { path: { task } }, body: { body } })),
    onSuccess: useSettled(task),
  });
}

export function useEditComment(task: string, id: string) {
  const settled = useSettled(task);
  return useMutation({
    meta: { quiet: true },
    mutationFn: ({ body, version }: { body: string; version: number }) =>
      answer(
        api.PATCH("/api/v1/tasks/{task}/comments/{comment_id}", {
          params: { path: { task, comment_id: id }, header: ifMatch(version) },
          body: { body },
        }),
      ),
    onSettled: settled,
  });
}

/** What is to be told of it goes into `done`: what `mutate` is given is forgotten with the comment. */
export function useDeleteComment(task: string, id: string, done: () => void) {
  const settled = useSettled(task);
  return useMutation({
    mutationFn: () =>
      answer(api.DELETE("/api/v1/tasks/{task}/comments/{comment_id}", { params: { path: { task, comment_id: id } } })),
    onSuccess: () => {
      done();
      return settled();
    },
  });
}

/** Puts a reaction or takes it away; seen at once. */
export function useReact(task: string, comment: CommentExpanded) {
  const client = useQueryClient();
  const { queryKey } = commentsQuery(task);
  return useMutation({
    mutationFn: async ({ emoji, mine }: { emoji: string; mine: boolean }) => {
      const params = { path: { task, comment_id: comment.id, emoji } };
      const path = "/api/v1/tasks/{task}/comments/{comment_id}/reactions/{emoji}" as const;
      if (mine) await answer(api.DELETE(path, { params }));
      else await answer(api.PUT(path, { params }));
    },
    onMutate: async ({ emoji }) => {
      await client.cancelQueries({ queryKey });
      const before = client.getQueryData(queryKey);
      client.setQueryData(queryKey, (old) => {
        if (old === undefined) return old;
        const change = (one: CommentExpanded) =>
          one.id === comment.id ? { ...one, reactions: reacted(one.reactions, emoji) } : one;
        return { ...old, pages: old.pages.map((page) => ({ ...page, items: page.items.map(change) })) };
      });
      return before;
    },
    onError: (_error, _reaction, before) => client.setQueryData(queryKey, before),
    onSettled: () => client.invalidateQueries({ queryKey }),
  });
}

function reacted(reactions: readonly ReactionRead[], emoji: string): ReactionRead[] {
  const found = reactions.find((one) => one.emoji === emoji);
  if (found === undefined) return [...reactions, { emoji, count: 1, mine: true, user_ids: [] }];
  const next = { ...found, mine: !found.mine, count: found.count + (found.mine ? -1 : 1) };
  return reactions.map((one) => (one === found ? next : one)).filter((one) => one.count > 0);
}
