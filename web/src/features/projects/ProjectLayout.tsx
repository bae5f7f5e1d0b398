/** The head of a project with its views as tabs, and the panel of the task that is open beside them. */

import { Alert, Group, Title } from "@mantine/core";
import { Link, Outlet, useLocation, useParams } from "@tanstack/react-router";
import { useRef } from "react";

import { TaskPanel } from "@/features/tasks/panel/TaskPanel";
import { texts } from "@/texts";
import { useOpenInSight } from "@/ui/rowInSight";

import classes from "./ProjectLayout.module.css";
import { useProjectParts } from "./queries";

const VIEWS = ["board", "list", "calendar", "timeline", "analytics", "files", "activity", "trash", "settings"] as const;

export default function ProjectLayout() {
  const { project: key } = useParams({ from: "/signed-in/projects/$project" });
  const { project } = useProjectParts(key);
  const { pathname } = useLocation();
  const views = useRef<HTMLElement>(null);
  useOpenInSight(views, pathname);
  return (
    <>
      <Group gap="md" mb="xs" wrap="nowrap">
        <Title order={1} size="h3" lineClamp={1}>
          {project.name}
        </Title>
      </Group>
      <nav ref={views} aria-label={texts.projects.views} className={classes.views}>
        {VIEWS.map((view) => (
          <Link
            key={view}
            to={`/projects/$project/${view}`}
            params={{ project: key }}
            // The filter goes along from view to view, the open task does not.
            search={(before) => ({ ...before, task: undefined })}
            className={classes.view}
            activeProps={{ "aria-current": "page" }}
          >
            {texts.shell.views[view]}
          </Link>
        ))}
      </nav>
      {project.archived && <Alert mb="sm">{texts.projects.archived}</Alert>}
      <Outlet />
      <TaskPanel />
    </>
  );
}
