/** One task on a page of its own: what the panel shows, with room. */

import { Anchor, Breadcrumbs } from "@mantine/core";
import { useSuspenseQuery } from "@tanstack/react-query";
import { Link, useNavigate, useParams } from "@tanstack/react-router";

import { taskQuery } from "@/features/tasks/queries";
import { texts } from "@/texts";

import TaskContent from "./TaskContent";
import classes from "./TaskPage.module.css";

export default function TaskPage() {
  const { task: address } = useParams({ from: "/signed-in/tasks/$task" });
  const { data: task } = useSuspenseQuery(taskQuery(address));
  const navigate = useNavigate();
  return (
    <>
      {task.project != null && (
        <nav aria-label={texts.task.place}>
          <Breadcrumbs mb="xs">
            <Anchor component={Link} to={`/projects/${task.project.key}/board`}>
              {task.project.name}
            </Anchor>
            <span aria-current="page">{task.key}</span>
          </Breadcrumbs>
        </nav>
      )}
      <article className={classes.page} aria-label={task.key}>
        <TaskContent key={address} address={address} isPage onClose={() => void navigate({ to: "/" })} />
      </article>
    </>
  );
}
