/** A project that one sees no more, by somebody's doing: one is told, and led away from what the page shows of it. */

import { useQueryClient } from "@tanstack/react-query";
import { useRouter } from "@tanstack/react-router";
import { useCallback } from "react";

import type { ProjectRead, SyncedChange, TaskExpanded } from "@/api/schema";
import { useMe } from "@/api/session";
import { forgetProject } from "@/features/projects/leaving";
import { projectOf } from "@/features/tasks/queries";
import { texts } from "@/texts";
import { tell } from "@/ui/toasts";

export function useLosing(): (change: SyncedChange) => Promise<void> {
  const client = useQueryClient();
  const router = useRouter();
  const { id: me } = useMe();
  return useCallback(
    async ({ project_id, actor_id }: SyncedChange) => {
      const lost = client.getQueryData<ProjectRead[]>(["projects"])?.find((project) => project.id === project_id);
      if (lost === undefined) return;
      const [, kind, address = ""] = router.state.location.pathname.split("/");
      const task = client.getQueryData<TaskExpanded>(["task", address])?.key ?? address;
      const open = kind === "tasks" ? projectOf(task) : kind === "projects" ? address : null;
      if (open === lost.key) {
        // Who did it themselves is told by what they did it with.
        if (actor_id !== me) tell(texts.projects.lost(lost.name));
        await router.navigate({ to: "/" });
      }
      forgetProject(client, lost);
    },
    [client, router, me],
  );
}
