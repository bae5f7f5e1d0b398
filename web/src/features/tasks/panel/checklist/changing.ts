/** Changing the steps of a checklist: seen at once, and put back where the service refuses. */

import { useMutation, useQueryClient } from "@tanstack/react-query";

import { answer, api } from "@/api/client";
import type { ItemRead, ItemUpdate } from "@/api/schema";
import { texts } from "@/texts";
import { tell } from "@/ui/toasts";

import { checklistQuery } from "../parts";

export type ItemChange = ItemUpdate & { id: string };

export function useChangeItem(task: string) {
  const client = useQueryClient();
  const { queryKey } = checklistQuery(task);
  const mutationKey = ["checklist", task];
  return useMutation({
    mutationKey,
    // One after the other: a step that is moved twice in a moment has to end where it was moved to last.
    scope: { id: mutationKey.join(" ") },
    mutationFn: ({ id, ...body }: ItemChange) =>
      answer(api.PATCH("/api/v1/tasks/{task}/checklist/{item_id}", { params: { path: { task, item_id: id } }, body })),
    onMutate: async (change) => {
      await client.cancelQueries({ queryKey });
      const before = client.getQueryData(queryKey);
      client.setQueryData(queryKey, (items) => items && changed(items, change));
      return before;
    },
    onError: (_error, _change, before) => client.setQueryData(queryKey, before),
    onSettled: () => {
      // Asked for between two changes, the list would show what was before the second.
      if (client.isMutating({ mutationKey }) > 1) return;
      return Promise.all([
        client.invalidateQueries({ queryKey }),
        client.invalidateQueries({ queryKey: ["task", task], exact: true }),
      ]);
    },
  });
}

function changed(items: readonly ItemRead[], { id, position, ...rest }: ItemChange): ItemRead[] {
  const renewed = items.map((item) => (item.id === id ? { ...item, ...rest } : item));
  const item = renewed.find((one) => one.id === id);
  if (position === undefined || item === undefined) return renewed;
  return renewed.filter((one) => one !== item).toSpliced(position, 0, item);
}

export function useConvert(task: string, id: string) {
  const client = useQueryClient();
  return useMutation({
    mutationFn: () =>
      answer(api.POST("/api/v1/tasks/{task}/checklist/{item_id}/convert", { params: { path: { task, item_id: id } } })),
    onSuccess: (made) => tell(texts.tasks.created(made.key)),
    onSettled: () => client.invalidateQueries({ queryKey: ["task", task] }),
  });
}
