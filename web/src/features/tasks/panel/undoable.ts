/** Deleting what belongs to a task: without a question, and with a way back. */

import { useQueryClient } from "@tanstack/react-query";

import type { ChangeKind } from "@/api/schema";
import { tellUndoable } from "@/ui/toasts";

import { takeBackDeletion } from "./parts";

export function useOfferBack(task: string, part: string, kind: ChangeKind) {
  const client = useQueryClient();
  return (message: string, subject: string) =>
    tellUndoable(message, async () => {
      await takeBackDeletion(task, kind, subject);
      await client.invalidateQueries({ queryKey: ["task", task, part] });
    });
}
