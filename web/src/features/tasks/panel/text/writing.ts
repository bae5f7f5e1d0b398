/** Saving a text that somebody else may be writing, too: only over what its writer has seen. */

import { useMutation, useQueryClient } from "@tanstack/react-query";

import { answer, api, ifMatch } from "@/api/client";
import { Problem } from "@/api/problems";
import type { TaskExpanded, TaskRead, TaskUpdate } from "@/api/schema";
import { settle } from "@/features/tasks/changing";
import { taskQuery } from "@/features/tasks/queries";
import { rememberUndo } from "@/ui/undo";

export type TextField = "title" | "description";
export type Writing = { task: TaskExpanded; field: TextField; text: string; base: string; version: number };

/** Somebody else has written something else in the meantime. */
export class Conflict extends Error {
  constructor(
    readonly mine: string,
    readonly theirs: string,
    readonly version: number,
  ) {
    super("conflict");
  }
}

export function useWriteText() {
  const client = useQueryClient();
  const show = (now: TaskRead) => {
    settle(client, now);
    // The description as HTML is not in the answer to a change.
    client.setQueryData(taskQuery(now.key).queryKey, (old) => old && { ...old, description_html: null });
    void client.invalidateQueries({ queryKey: ["task", now.key], exact: true });
  };
  return useMutation({
    meta: { quiet: true },
    mutationFn: save,
    onSuccess: (now, { task, field, base }) => {
      show(now);
      rememberUndo(async () => show(await patch(task.key, body(field, base), now.version)));
    },
  });
}

const TRIES = 4;

async function save({ task, field, text, base, version }: Writing): Promise<TaskRead> {
  let known = version;
  for (let tries = 1; ; tries += 1) {
    try {
      return await patch(task.key, body(field, text), known);
    } catch (error) {
      const now = error instanceof Problem && error.status === 412 ? theTask(error.current) : null;
      if (now === null || tries === TRIES) throw error;
      const theirs = now[field] ?? "";
      if (theirs !== base && theirs !== text) throw new Conflict(text, theirs, now.version);
      // Another field of the task has changed, not this text.
      known = now.version;
    }
  }
}

function patch(task: string, change: TaskUpdate, version: number): Promise<TaskRead> {
  return answer(
    api.PATCH("/api/v1/tasks/{task}", { params: { path: { task }, header: ifMatch(version) }, body: change }),
  );
}

function body(field: TextField, text: string): TaskUpdate {
  if (field === "title") return { title: text };
  return { description: text === "" ? null : text };
}

function theTask(current: unknown): TaskRead | null {
  const isTask = typeof current === "object" && current !== null && "version" in current && "title" in current;
  return isTask ? (current as TaskRead) : null;
}
