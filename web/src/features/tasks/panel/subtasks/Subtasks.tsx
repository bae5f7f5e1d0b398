/** The tasks below this one, and a line to add another. */

import { Progress, Stack, Text } from "@mantine/core";
import { useQuery, useQueryClient } from "@tanstack/react-query";

import { answer, api } from "@/api/client";
import type { TaskExpanded } from "@/api/schema";
import { useCompleteTask } from "@/features/tasks/changing";
import { texts } from "@/texts";

import { AddLine } from "../AddLine";
import { TaskLink } from "../links/TaskLink";
import classes from "../lists.module.css";
import { useOpenTask } from "../openTask";
import { subtasksQuery, useWritePart } from "../parts";
import { Section, useSeen } from "../Section";
import { TickBox } from "@/ui/forms/TickBox";

const words = texts.task.subtasks;

export function Subtasks() {
  const { task, project, mayWrite } = useOpenTask();
  const [ref, seen] = useSeen();
  const total = task.progress?.total ?? 0;
  const { data: subtasks = [] } = useQuery({ ...subtasksQuery(project.key, task.key), enabled: seen });
  const add = useWritePart(task.key, "subtasks", (title: string) =>
    answer(
      api.POST("/api/v1/projects/{project}/tasks", {
        params: { path: { project: project.key } },
        body: { title, parent_id: task.id },
      }),
    ),
  );
  if (!mayWrite && subtasks.length === 0 && total === 0) return null;
  const done = task.progress?.done ?? 0;
  return (
    <Section ref={ref} title={words.title} count={total > 0 && <Text size="sm">{texts.task.ofAll(done, total)}</Text>}>
      <Stack gap={4}>
        {total > 0 && <Progress value={(100 * done) / total} size="xs" aria-label={texts.task.ofAll(done, total)} />}
        <ul className={classes.list}>
          {subtasks.map((subtask) => (
            <Subtask key={subtask.id} subtask={subtask} />
          ))}
        </ul>
        {mayWrite && <AddLine label={words.add} onAdd={(title) => add.mutateAsync(title)} />}
      </Stack>
    </Section>
  );
}

function Subtask({ subtask }: { subtask: TaskExpanded }) {
  const { task, mayWrite } = useOpenTask();
  const client = useQueryClient();
  const complete = useCompleteTask();
  const settle = () => client.invalidateQueries({ queryKey: ["task", task.key] });
  return (
    <li className={classes.row}>
      {mayWrite && (
        <TickBox
          name={words.complete(subtask.key)}
          checked={subtask.completed_at !== null}
          onTick={() => complete.mutateAsync(subtask).finally(settle)}
        />
      )}
      <span className={classes.grow}>
        <TaskLink task={subtask} />
      </span>
    </li>
  );
}
