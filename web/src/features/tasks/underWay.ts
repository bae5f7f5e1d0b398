/** Changes of tasks that are drawn, and that the service has not answered yet. */

import type { QueryClient } from "@tanstack/react-query";

/** Whatever writes to tasks has this key: while one is under way, lists are not asked for again. */
export const WRITING = ["tasks"];

/** Of several changes of one task the last answer has all of them; an earlier one would draw what is no more. */
export function isLastOf(client: QueryClient, task: string): boolean {
  const underWay = client.getMutationCache().findAll({ mutationKey: WRITING, status: "pending" });
  return underWay.filter(({ state }) => isAbout(state.variables, task)).length <= 1;
}

function isAbout(written: unknown, task: string): boolean {
  if (Array.isArray(written)) return written.some((one) => isAbout(one, task));
  if (typeof written !== "object" || written === null) return false;
  if ("task" in written) return isAbout(written.task, task);
  if ("tasks" in written) return isAbout(written.tasks, task);
  return "key" in written && written.key === task;
}
