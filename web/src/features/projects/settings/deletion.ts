/** Deleting what belongs to a project: gone at once from the page, without a question, and undoable for ten seconds. */

import { useMutation, useQueryClient } from "@tanstack/react-query";

import { answer, api } from "@/api/client";
import type { ChangeKind } from "@/api/schema";
import { texts } from "@/texts";
import { Told, tellUndoable } from "@/ui/toasts";

/** Deletions have this key: while one is under way, lists are not asked for again. */
export const DELETING = ["parts"];

type Deletion<T> = {
  project: string;
  /** The list's name in the project's query keys. */
  part: string;
  remove: (item: T) => Promise<unknown>;
  restore: (item: T) => Promise<unknown>;
  said: (item: T) => string;
};

export function useDeletion<T extends { id: string }>({ project, part, remove, restore, said }: Deletion<T>) {
  const client = useQueryClient();
  const queryKey = ["project", project, part];
  const refresh = () =>
    Promise.all([
      client.invalidateQueries({ queryKey }),
      // A label or a column that is gone is gone from tasks.
      client.invalidateQueries({ queryKey: ["tasks", project] }),
    ]);
  const { mutate, isPending, error, variables } = useMutation({
    mutationKey: DELETING,
    mutationFn: remove,
    onMutate: async (item) => {
      // A list that was asked for before would draw it again, and ask for what belongs to it.
      await client.cancelQueries({ queryKey });
      client.setQueryData<T[]>(queryKey, (old) => old?.filter(({ id }) => id !== item.id));
    },
    onSuccess: (_nothing, item) => {
      const undo = async () => {
        await restore(item);
        await refresh();
      };
      tellUndoable(said(item), undo);
    },
    onSettled: refresh,
  });
  return { remove: mutate, isPending, error, of: variables };
}

/** Takes the newest change of this kind about something back, with all that happened in the same step. */
export async function takeBack(project: string, kind: ChangeKind, subject: string): Promise<void> {
  const { items } = await answer(
    api.GET("/api/v1/projects/{project}/history", {
      params: { path: { project }, query: { kind: [kind], limit: 20 } },
    }),
  );
  const change = items.find(({ subject_id }) => subject_id === subject);
  if (change === undefined) throw new Told(texts.projectSettings.gone);
  if (change.batch_id === null) {
    await answer(api.POST("/api/v1/changes/{change_id}/revert", { params: { path: { change_id: change.id } } }));
  } else {
    const params = { path: { batch_id: change.batch_id } };
    await answer(api.POST("/api/v1/changes/batches/{batch_id}/revert", { params }));
  }
}
