/** One cache of what the service has told, and the rules for asking again. */

import { MutationCache, QueryClient } from "@tanstack/react-query";

import { isPassing } from "@/api/problems";
import { currentSession, onSession } from "@/api/session";
import { tellProblem } from "@/ui/toasts";
import { forgetUndo } from "@/ui/undo";

import { shared } from "./sharing";

declare module "@tanstack/react-query" {
  interface Register {
    /** `quiet`: the page itself shows what went wrong, no toast does. */
    mutationMeta: { quiet?: boolean };
  }
}

const RETRIES = 4;

export const queryClient = new QueryClient({
  defaultOptions: {
    queries: {
      // The stream of changes says what is stale; this is for what it does not tell of.
      staleTime: 60_000,
      retry: (failures, error) => failures < RETRIES && isPassing(error),
      networkMode: "always",
      structuralSharing: shared,
    },
    mutations: {
      retry: (failures, error) => failures < RETRIES && isPassing(error),
      networkMode: "always",
    },
  },
  mutationCache: new MutationCache({
    onError: (error, _variables, _context, mutation) => {
      if (mutation.meta?.quiet !== true) tellProblem(error);
    },
  }),
});

let isSignedIn = false;
let hadSomebody = false;

// Who signs in may be somebody else, and what the former saw was kept true by a stream that ended with their session.
onSession(() => {
  const wasSignedIn = isSignedIn;
  isSignedIn = currentSession() !== null;
  if (!isSignedIn || wasSignedIn) return;
  // Before the first nobody was here: what a page for everybody has asked for meanwhile, a share link, is on its way.
  if (hadSomebody) {
    queryClient.clear();
    forgetUndo();
  }
  hadSomebody = true;
});
