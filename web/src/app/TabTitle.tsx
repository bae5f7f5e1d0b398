/** The title of the tab: which page this is, of which project, so that ten open tabs can be told apart. */

import { useQuery } from "@tanstack/react-query";
import { useMatches, useParams, useSearch } from "@tanstack/react-router";
import { useEffect } from "react";

import { projectQuery } from "@/features/projects/queries";
import { sharedNameQuery } from "@/features/shared/queries";
import { taskQuery } from "@/features/tasks/queries";
import { texts } from "@/texts";

type Title = string | ((part: string | undefined) => string | undefined) | null;

declare module "@tanstack/react-router" {
  interface StaticDataRouteOption {
    /** What the tab is called, also by its part; null where the routes inside have the say, or the task that is open. */
    title: Title;
  }
}

export function TabTitle() {
  const matches = useMatches();
  const params = useParams({ strict: false });
  const search = useSearch({ strict: false });
  const page = pageName(matches.at(-1)?.staticData.title ?? null, params.part);
  const task = useTaskName(params.task ?? search.task);
  const project = useProjectName(params.project);
  const shared = useQuery(sharedNameQuery(params.token ?? "")).data;
  // Where neither is known, the address fits no page.
  const names = [task, page ?? (task === undefined ? texts.edges.notFound : undefined), project, shared];
  const title = [...names, texts.shell.name].filter((name) => name !== undefined).join(" · ");

  useEffect(() => {
    document.title = title;
  }, [title]);
  return null;
}

function pageName(title: Title, part: string | undefined): string | undefined {
  return typeof title === "function" ? title(part) : (title ?? undefined);
}

/** As the page knows it; it is not asked for here. */
function useProjectName(key = ""): string | undefined {
  const known = useQuery({ ...projectQuery(key), enabled: false }).data?.name;
  return known ?? (key === "" ? undefined : key);
}

function useTaskName(key = ""): string | undefined {
  const known = useQuery({ ...taskQuery(key), enabled: false }).data;
  if (known !== undefined) return `${known.key} ${known.title}`;
  return key === "" ? undefined : key;
}
