/** Keeps what the page has loaded true: each change that is heard makes stale what shows it. */

import { type QueryClient, useQueryClient } from "@tanstack/react-query";
import { useEffect, useState } from "react";

import type { ProjectRead, SyncedChange } from "@/api/schema";
import { onReadElsewhere } from "@/features/inbox/tabs";
import { LEAVING } from "@/features/projects/leaving";
import { DELETING } from "@/features/projects/settings/deletion";
import { WRITING } from "@/features/tasks/underWay";

import { listen, type LiveState } from "./stream";
import { useLosing } from "./useLosing";

// Changes come in heaps: of a bulk change each list is asked for once.
const TOGETHER_MS = 150;
// A notification follows its change when a worker has read it, which nobody tells of: a busy one takes its time.
const INBOX_MS = [2_500, 8_000, 20_000];

// A list that is asked for while one of these is under way would draw the old state over it.
const HELD_BY = [WRITING, DELETING, LEAVING];

/** What belongs to a project and is asked for by its name in the project's query key. */
const PARTS: Record<string, string> = {
  status: "statuses",
  label: "labels",
  member: "members",
  field: "fields",
  milestone: "milestones",
  cycle: "cycles",
  share_link: "share-links",
  invitation: "invitations",
  rule: "rules",
  webhook: "webhooks",
  task_template: "templates",
  import: "imports",
};

export function useLive(): LiveState {
  const client = useQueryClient();
  const lose = useLosing();
  const [state, setState] = useState<LiveState>("connecting");
  useEffect(() => {
    let heap: SyncedChange[] = [];
    let before: LiveState = "connecting";
    let timer: ReturnType<typeof setTimeout> | undefined;
    let inbox: ReturnType<typeof setTimeout> | undefined;
    let looks = 0;
    const look = () => {
      void client.invalidateQueries({ queryKey: ["notifications"] });
      looks += 1;
      inbox = looks < INBOX_MS.length ? setTimeout(look, INBOX_MS[looks]) : undefined;
    };
    const lookSoon = () => {
      if (inbox !== undefined && looks === 0) return;
      clearTimeout(inbox);
      looks = 0;
      inbox = setTimeout(look, INBOX_MS[0]);
    };
    const apply = () => {
      timer = undefined;
      if (HELD_BY.some((mutationKey) => client.isMutating({ mutationKey }) > 0)) {
        timer = setTimeout(apply, TOGETHER_MS);
        return;
      }
      const changes = heap;
      heap = [];
      const lost = changes.filter((change) => change.kind === "project.lost");
      void Promise.all(lost.map(lose)).then(() => {
        for (const key of staleAfter(client, changes)) void client.invalidateQueries({ queryKey: key });
      });
      lookSoon();
    };
    const stop = listen({
      changed: (change) => {
        heap.push(change);
        timer ??= setTimeout(apply, TOGETHER_MS);
      },
      lost: () => void client.invalidateQueries(),
      state: (next) => {
        const isBack = next === "live" && before !== "live";
        before = next;
        setState(next);
        // What was asked for in vain while the service was away is no change that the stream would tell of.
        if (isBack) void client.refetchQueries({ predicate: ({ state }) => state.status === "error" });
      },
    });
    const deafen = onReadElsewhere(() => void client.invalidateQueries({ queryKey: ["notifications"] }));
    return () => {
      clearTimeout(timer);
      clearTimeout(inbox);
      deafen();
      stop();
    };
  }, [client, lose]);
  return state;
}

function staleAfter(client: QueryClient, changes: SyncedChange[]): string[][] {
  const keys = new Map<string, string[]>();
  const add = (...key: string[]) => keys.set(key.join("/"), key);
  for (const change of changes) {
    if (change.kind === "project.lost" || change.kind === "project.gained") {
      for (const root of ["projects", "project", "tasks", "task", "notifications"]) add(root);
      continue;
    }
    const project = projectKey(client, change.project_id);
    const part = PARTS[change.subject_type];
    if (change.subject_type === "project") {
      add("projects");
      if (project !== null) add("project", project);
    } else if (part === "members" && project !== null) {
      // It may be the reader's own role: what they may do is told by the project.
      add("projects");
      add("project", project);
    } else if (part !== undefined && project !== null) add("project", project, part);
    else {
      // What belongs to a task does not name it; no more than the open one is asked for.
      if (change.subject_type === "task" && change.subject_key !== null) add("task", change.subject_key);
      else add("task");
      if (project === null) add("tasks");
      else add("tasks", project);
      add("tasks", "mine");
    }
    if (project !== null) for (const reader of ["activity", "analytics", "trash"]) add(reader, project);
  }
  return [...keys.values()];
}

function projectKey(client: QueryClient, id: string | null): string | null {
  const projects = client.getQueryData<ProjectRead[]>(["projects"]);
  return projects?.find((project) => project.id === id)?.key ?? null;
}
