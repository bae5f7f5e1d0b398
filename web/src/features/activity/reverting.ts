/** Taking a change back by a new change. */

import { queryOptions, useMutation, useQuery, useQueryClient } from "@tanstack/react-query";

import { answer, api } from "@/api/client";
import { Problem } from "@/api/problems";
import type { Change } from "./change";
import { texts } from "@/texts";
import { tell } from "@/ui/toasts";

const kindsQuery = () =>
  queryOptions({
    queryKey: ["change-kinds"],
    staleTime: Infinity,
    queryFn: async () => (await answer(api.GET("/api/v1/changes/kinds"))).items,
  });

/** Whether changes of this kind can be taken back at all. */
export function useIsRevertible(): (change: Change) => boolean {
  const { data } = useQuery(kindsQuery());
  const kinds = new Set<string>(data?.filter((kind) => kind.revertible).map((kind) => kind.kind));
  return (change) => kinds.has(change.kind);
}

export function useRevert() {
  const client = useQueryClient();
  return useMutation({
    meta: { quiet: true },
    mutationFn: (change: string) =>
      answer(api.POST("/api/v1/changes/{change_id}/revert", { params: { path: { change_id: change } } })),
    onSuccess: async () => {
      tell(texts.tasks.reverted);
      await Promise.all(
        ["task", "tasks", "activity", "project", "trash"].map((root) => client.invalidateQueries({ queryKey: [root] })),
      );
    },
  });
}

/** The later changes that stand in the way, of a 409. */
export type Later = { id: string; at: string; actor_id: string | null; fields: string[] };

export function laterChanges(error: unknown): Later[] {
  if (!(error instanceof Problem) || error.code !== "changed_since") return [];
  const { changes } = error.told;
  return Array.isArray(changes) ? changes.filter(isLater) : [];
}

function isLater(found: unknown): found is Later {
  return (
    typeof found === "object" &&
    found !== null &&
    "at" in found &&
    typeof found.at === "string" &&
    "id" in found &&
    "fields" in found &&
    Array.isArray(found.fields)
  );
}
