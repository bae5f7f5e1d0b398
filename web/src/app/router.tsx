/** The sitemap of the page. Each page is a file of its own that is loaded when somebody goes there. */

import { createRouter } from "@tanstack/react-router";

import { NotFound, Pending, WentWrong } from "./edges";
import { minePages } from "./routes/mine";
import { project, projectPages } from "./routes/project";
import { root, signedIn } from "./routes/root";
import { shared, visitor, visitorPages } from "./routes/visitor";

const tree = root.addChildren([
  visitor.addChildren(visitorPages),
  shared,
  signedIn.addChildren([...minePages, project.addChildren(projectPages)]),
]);

export const router = createRouter({
  routeTree: tree,
  defaultPreload: "intent",
  // The cache of queries decides what is fresh.
  defaultPreloadStaleTime: 0,
  defaultPendingComponent: Pending,
  defaultErrorComponent: WentWrong,
  defaultNotFoundComponent: () => NotFound({}),
  scrollRestoration: true,
});

declare module "@tanstack/react-router" {
  interface Register {
    router: typeof router;
  }
}
