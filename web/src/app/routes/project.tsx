/** One project, and its views. */

import { createRoute, lazyRouteComponent, redirect } from "@tanstack/react-router";

import {
  cyclesQuery,
  fieldsQuery,
  labelsQuery,
  membersQuery,
  milestonesQuery,
  projectQuery,
  statusesQuery,
} from "@/features/projects/queries";
import { type BoardParameters, boardParameters, boardQuery } from "@/features/tasks/board/queries";
import { markBeginning } from "@/live/stream";
import { texts } from "@/texts";

import { NotFound } from "../edges";
import { partTitles } from "../partTitles";
import { queryClient } from "../queries";
import { projectSearch } from "../search";
import { signedIn } from "./root";

const settingsTitle = partTitles(texts.shell.views.settings, texts.projectSettings.parts);

export const project = createRoute({
  getParentRoute: () => signedIn,
  path: "projects/$project",
  staticData: { title: null },
  validateSearch: projectSearch,
  component: lazyRouteComponent(() => import("@/features/projects/ProjectLayout")),
  notFoundComponent: () => NotFound({ order: 2 }),
  loader: ({ params: { project: key } }) =>
    Promise.all(
      [projectQuery, statusesQuery, labelsQuery, membersQuery, fieldsQuery, milestonesQuery, cyclesQuery].map((query) =>
        // Each query has a type of its own; here they are only loaded.
        queryClient.query({ ...(query(key) as ReturnType<typeof projectQuery>), staleTime: "static" }),
      ),
    ),
});

const projectHome = createRoute({
  getParentRoute: () => project,
  path: "/",
  staticData: { title: null },
  beforeLoad: ({ params }) => {
    throw redirect({ to: "/projects/$project/board", params, search: true });
  },
});
const board = createRoute({
  getParentRoute: () => project,
  path: "board",
  loaderDeps: ({ search }) => boardParameters(search),
  // Together with what the project is made of, and not after it. Nobody waits for it here: the board shows its columns
  // until it has the cards, and tells why none come.
  loader: ({ params: { project: key }, deps }) => void loadBoard(key, deps).catch(() => undefined),
  staticData: { title: texts.shell.views.board },
  component: lazyRouteComponent(() => import("@/features/tasks/board/BoardPage")),
});
const list = createRoute({
  getParentRoute: () => project,
  path: "list",
  staticData: { title: texts.shell.views.list },
  component: lazyRouteComponent(() => import("@/features/tasks/list/ListPage")),
});
const calendar = createRoute({
  getParentRoute: () => project,
  path: "calendar",
  staticData: { title: texts.shell.views.calendar },
  component: lazyRouteComponent(() => import("@/features/tasks/calendar/CalendarPage")),
});
const timeline = createRoute({
  getParentRoute: () => project,
  path: "timeline",
  staticData: { title: texts.shell.views.timeline },
  component: lazyRouteComponent(() => import("@/features/tasks/timeline/TimelinePage")),
});
const analytics = createRoute({
  getParentRoute: () => project,
  path: "analytics",
  staticData: { title: texts.shell.views.analytics },
  component: lazyRouteComponent(() => import("@/features/analytics/AnalyticsPage")),
});
const files = createRoute({
  getParentRoute: () => project,
  path: "files",
  staticData: { title: texts.shell.views.files },
  component: lazyRouteComponent(() => import("@/features/files/FilesPage")),
});
const activity = createRoute({
  getParentRoute: () => project,
  path: "activity",
  staticData: { title: texts.shell.views.activity },
  component: lazyRouteComponent(() => import("@/features/activity/ActivityPage")),
});
const trash = createRoute({
  getParentRoute: () => project,
  path: "trash",
  staticData: { title: texts.shell.views.trash },
  component: lazyRouteComponent(() => import("@/features/trash/TrashPage")),
});
const projectSettings = createRoute({
  getParentRoute: () => project,
  path: "settings",
  staticData: { title: settingsTitle },
  component: lazyRouteComponent(() => import("@/features/projects/settings/ProjectSettingsPage")),
});
const projectSettingsPart = createRoute({
  getParentRoute: () => project,
  path: "settings/$part",
  staticData: { title: settingsTitle },
  component: lazyRouteComponent(() => import("@/features/projects/settings/ProjectSettingsPage")),
});

async function loadBoard(key: string, parameters: BoardParameters): Promise<void> {
  // A change that comes after it is one that the stream tells.
  await markBeginning();
  await queryClient.query(boardQuery(key, parameters));
}

export const projectPages = [
  projectHome,
  board,
  list,
  calendar,
  timeline,
  analytics,
  files,
  activity,
  trash,
  projectSettings,
  projectSettingsPart,
] as const;
