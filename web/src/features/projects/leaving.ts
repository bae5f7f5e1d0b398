/** Going out of a project: what the page keeps of it, and what it asks of it, ends before the project does. */

import type { QueryClient } from "@tanstack/react-query";

import type { ProjectRead } from "@/api/schema";
import { projectOf } from "@/features/tasks/queries";

/** Whatever ends one's access to a project has this key: while it is under way, nothing is asked for again. */
export const LEAVING = ["leaving"];

/** Ends the access by `leave` when all that was asked of the project is answered: it would be refused afterwards. */
export async function leaveProject<T>(client: QueryClient, { key }: ProjectRead, leave: () => Promise<T>): Promise<T> {
  const asked = client.getQueryCache().findAll({ queryKey: ["project", key], fetchStatus: "fetching" });
  await Promise.allSettled(asked.flatMap(({ promise }) => promise ?? []));
  return leave();
}

/** Whoever goes back must not find what is kept of it. */
export function forgetProject(client: QueryClient, { key }: ProjectRead): void {
  for (const root of ["project", "tasks"]) client.removeQueries({ queryKey: [root, key] });
  client.removeQueries({
    queryKey: ["task"],
    predicate: ({ queryKey: [, task] }) => typeof task === "string" && projectOf(task) === key,
  });
}
