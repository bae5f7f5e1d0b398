/**
 * Changes of tasks that are on their way. They are drawn before they are made, so none of them may be lost, or made
 * before an earlier one: they are sent one after the other, and as long as nobody answers they are sent again.
 */

import { isPassing, Unreachable } from "@/api/problems";
import { WRITING } from "@/features/tasks/underWay";

import { queryClient } from "./queries";

const LONGEST_WAIT_MS = 5_000;
// What answers, and cannot, may go on like that.
const TRIES = 4;

queryClient.setMutationDefaults(WRITING, {
  scope: { id: "tasks" },
  retry: (failures, error) => error instanceof Unreachable || (failures < TRIES && isPassing(error)),
  retryDelay: (failures) => Math.min(1_000 * 2 ** failures, LONGEST_WAIT_MS),
});

/** Resolves when nothing is on its way any more. */
export function written(): Promise<void> {
  return new Promise((resolve) => {
    const look = () => {
      if (queryClient.isMutating() > 0) return;
      stop();
      resolve();
    };
    const stop = queryClient.getMutationCache().subscribe(look);
    look();
  });
}

// Who closes the page while changes wait for the service would lose them.
window.addEventListener("beforeunload", (event) => {
  const waiting = queryClient.getMutationCache().findAll({ mutationKey: WRITING, status: "pending" });
  if (waiting.some(({ state }) => state.failureCount > 0)) event.preventDefault();
});
