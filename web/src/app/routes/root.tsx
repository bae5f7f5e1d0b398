/** The two roots: of all pages, and of those that need somebody who is signed in. */

import { createRootRoute, createRoute, lazyRouteComponent, redirect } from "@tanstack/react-router";

import { currentSession, usable } from "@/api/session";
import { projectsQuery } from "@/features/projects/queries";
import { prepareDates } from "@/format/dates";
import { markBeginning } from "@/live/stream";

import { NotFoundAlone, WentWrongAlone } from "../edges";
import { queryClient } from "../queries";
import { Root } from "../Root";

export const root = createRootRoute({
  staticData: { title: null },
  component: Root,
  notFoundComponent: NotFoundAlone,
  errorComponent: WentWrongAlone,
});

export const signedIn = createRoute({
  getParentRoute: () => root,
  id: "signed-in",
  staticData: { title: null },
  component: lazyRouteComponent(() => import("../shell/Shell")),
  errorComponent: WentWrongAlone,
  beforeLoad: async ({ location }) => {
    if ((currentSession() ?? (await usable())) === null) {
      throw redirect({ to: "/sign-in", search: { next: location.pathname === "/" ? undefined : location.href } });
    }
  },
  loader: async () => {
    const asked = Promise.all([markBeginning(), queryClient.query({ ...projectsQuery(), staleTime: "static" })]);
    await markBeginning();
    prepareDates();
    await asked;
  },
});
