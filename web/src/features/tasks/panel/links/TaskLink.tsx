/** Another task, by its key and title: opens in the place of this one. */

import { Anchor, Group, Text } from "@mantine/core";
import { Link, useParams } from "@tanstack/react-router";

import type { TaskBrief } from "@/api/schema";
import { StatusIcon } from "@/features/tasks/pickers/choices";
import { texts } from "@/texts";

export function TaskLink({ task }: { task: Pick<TaskBrief, "key" | "title" | "status_category"> }) {
  const { project } = useParams({ strict: false });
  const isClosed = task.status_category === "done" || task.status_category === "cancelled";
  const shown = (
    <Group gap={6} wrap="nowrap" component="span">
      <StatusIcon category={task.status_category} />
      <Text span size="sm" c="dimmed" style={{ whiteSpace: "nowrap" }}>
        {task.key}
      </Text>
      <Text span size="sm" td={isClosed ? "line-through" : undefined} lineClamp={1}>
        {task.title}
      </Text>
    </Group>
  );
  const label = `${task.key} ${task.title}, ${texts.tasks.categories[task.status_category]}`;
  // Beside a view the panel shows it; on a page of a task, its page.
  if (project === undefined) {
    return (
      <Anchor component={Link} to={`/tasks/${task.key}`} c="inherit" aria-label={label}>
        {shown}
      </Anchor>
    );
  }
  return (
    <Link
      to="."
      search={(before: Record<string, unknown>) => ({ ...before, task: task.key })}
      aria-label={label}
      style={{ color: "inherit", textDecoration: "none", minWidth: 0 }}
    >
      {shown}
    </Link>
  );
}
