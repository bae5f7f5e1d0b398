/**
 * The files of a project, newest first, as its log tells of them: the service lists files by task alone.
 *
 * The log is read from its end, so what was deleted is met before it was attached, and the newest name before an older.
 */

import { infiniteQueryOptions } from "@tanstack/react-query";

import { answer, api } from "@/api/client";
import type { AttachmentRead } from "@/api/schema";
import type { Change } from "@/features/activity/change";

const PAGE = 100;

export type ProjectFile = Pick<AttachmentRead, "id" | "name" | "size" | "media_type" | "created_by" | "created_at"> & {
  task: string;
};

export const projectFilesQuery = (project: string) =>
  infiniteQueryOptions({
    queryKey: ["activity", project, "files"],
    initialPageParam: undefined as string | undefined,
    queryFn: ({ pageParam }) =>
      answer(
        api.GET("/api/v1/projects/{project}/history", {
          params: {
            path: { project },
            query: {
              kind: ["attachment.created", "attachment.updated", "attachment.deleted", "task.deleted", "task.restored"],
              limit: PAGE,
              cursor: pageParam,
            },
          },
        }),
      ),
    getNextPageParam: (page) => page.next_cursor ?? undefined,
  });

export function filesOf(changes: readonly Change[]): ProjectFile[] {
  const gone = new Set<string>();
  const names = new Map<string, string>();
  const trashed = new Map<string, boolean>();
  const files: ProjectFile[] = [];
  for (const change of changes) {
    const task = change.subject_key ?? "";
    if (change.kind === "task.deleted" || change.kind === "task.restored") {
      if (!trashed.has(task)) trashed.set(task, change.kind === "task.deleted");
    } else if (change.kind === "attachment.deleted") gone.add(change.subject_id);
    else if (change.kind === "attachment.updated") {
      const name = text(change, "name");
      if (name !== null && !names.has(change.subject_id)) names.set(change.subject_id, name);
    } else if (!gone.has(change.subject_id)) {
      const file = fileOf(change, task);
      files.push({ ...file, name: names.get(file.id) ?? file.name });
    }
  }
  return files.filter((file) => trashed.get(file.task) !== true);
}

function fileOf(change: Change, task: string): ProjectFile {
  const size = change.changes.size?.[1];
  return {
    id: change.subject_id,
    task,
    name: text(change, "name") ?? "",
    size: typeof size === "number" ? size : 0,
    media_type: text(change, "media_type") ?? "",
    created_by: change.actor_id ?? "",
    created_at: change.at,
  };
}

function text(change: Change, field: string): string | null {
  const value = change.changes[field]?.[1];
  return typeof value === "string" ? value : null;
}
