/** Pages of somebody who is signed in, over all projects. */

import { createRoute, lazyRouteComponent } from "@tanstack/react-router";

import { agendaQuery, latelyQuery } from "@/features/home/queries";
import { markBeginning } from "@/live/stream";
import { texts } from "@/texts";

import { partTitles } from "../partTitles";
import { queryClient } from "../queries";
import { adminSearch } from "../search";
import { signedIn } from "./root";

const accountTitle = partTitles(texts.account.title, texts.account.parts);
const adminTitle = partTitles(texts.admin.title, texts.admin.parts);

const home = createRoute({
  getParentRoute: () => signedIn,
  path: "/",
  staticData: { title: texts.shell.home },
  loader: loadHome,
  component: lazyRouteComponent(() => import("@/features/home/HomePage")),
});
const inbox = createRoute({
  getParentRoute: () => signedIn,
  path: "inbox",
  staticData: { title: texts.shell.inbox },
  component: lazyRouteComponent(() => import("@/features/inbox/InboxPage")),
});
const search = createRoute({
  getParentRoute: () => signedIn,
  path: "search",
  staticData: { title: texts.shell.search },
  validateSearch: (given: Record<string, unknown>): { q?: string } => ({ q: text(given.q) }),
  component: lazyRouteComponent(() => import("@/features/search/SearchPage")),
});
const projects = createRoute({
  getParentRoute: () => signedIn,
  path: "projects",
  staticData: { title: texts.shell.projects },
  component: lazyRouteComponent(() => import("@/features/projects/ProjectsPage")),
});
const task = createRoute({
  getParentRoute: () => signedIn,
  path: "tasks/$task",
  staticData: { title: null },
  component: lazyRouteComponent(() => import("@/features/tasks/panel/TaskPage")),
});
const settings = createRoute({
  getParentRoute: () => signedIn,
  path: "settings",
  staticData: { title: accountTitle },
  component: lazyRouteComponent(() => import("@/features/settings/SettingsPage")),
});
const settingsPart = createRoute({
  getParentRoute: () => signedIn,
  path: "settings/$part",
  staticData: { title: accountTitle },
  component: lazyRouteComponent(() => import("@/features/settings/SettingsPage")),
});
const admin = createRoute({
  getParentRoute: () => signedIn,
  path: "admin",
  staticData: { title: adminTitle },
  component: lazyRouteComponent(() => import("@/features/admin/AdminPage")),
});
const adminPart = createRoute({
  getParentRoute: () => signedIn,
  path: "admin/$part",
  staticData: { title: adminTitle },
  validateSearch: adminSearch,
  component: lazyRouteComponent(() => import("@/features/admin/AdminPage")),
});

/** Both lists before anything is drawn: each that came later would push down what stands beneath it. */
async function loadHome(): Promise<void> {
  await markBeginning();
  // Why one of them does not come, the page itself tells.
  await Promise.allSettled([
    queryClient.query({ ...agendaQuery(), staleTime: "static" }),
    queryClient.query({ ...latelyQuery(), staleTime: "static" }),
  ]);
}

export const minePages = [home, inbox, search, projects, task, settings, settingsPart, admin, adminPart] as const;

function text(value: unknown): string | undefined {
  return typeof value === "string" && value !== "" ? value : undefined;
}
