/** The one timer that everybody has, and the time written down for a task. */

import { useMutation, useQueryClient } from "@tanstack/react-query";

import { answer, api } from "@/api/client";
import type { TaskExpanded } from "@/api/schema";

function useTimed(task: TaskExpanded) {
  const client = useQueryClient();
  return () =>
    Promise.all([
      client.invalidateQueries({ queryKey: ["task", "timer"] }),
      client.invalidateQueries({ queryKey: ["task", task.key, "time-entries"] }),
      client.invalidateQueries({ queryKey: ["task", task.key], exact: true }),
    ]);
}

/** With `instead`, whatever runs elsewhere is stopped first. */
export function useStartTimer(task: TaskExpanded) {
  return useMutation({
    meta: { quiet: true },
    mutationFn: async ({ instead }: { instead: boolean }) => {
      if (instead) await answer(api.POST("/api/v1/users/me/timer/stop"));
      return answer(api.POST("/api/v1/tasks/{task}/timer/start", { params: { path: { task: task.key } } }));
    },
    onSettled: useTimed(task),
  });
}

export function useStopTimer(task: TaskExpanded) {
  return useMutation({
    mutationFn: () => answer(api.POST("/api/v1/users/me/timer/stop")),
    onSettled: useTimed(task),
  });
}
