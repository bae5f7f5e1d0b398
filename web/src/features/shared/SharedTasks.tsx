/** The tasks of a shared project, in columns or in a table. */

import { Box, Group, Stack, Table, Text, Title } from "@mantine/core";
import { useInfiniteQuery } from "@tanstack/react-query";
import type { ReactNode } from "react";

import type { SharedProject, SharedStatus, TaskRead } from "@/api/schema";
import { Pending } from "@/app/edges";
import { PriorityIcon, StatusIcon } from "@/features/tasks/pickers/choices";
import { dayOf, showDay } from "@/format/dates";
import { texts } from "@/texts";
import { MoreButton } from "@/ui/MoreButton";
import { messageOf } from "@/ui/toasts";
import { WideTable } from "@/ui/WideTable";

import { type Opened, sharedTasksQuery } from "./queries";
import { SharedFiles } from "./SharedFiles";
import classes from "./SharedPage.module.css";

const words = texts.sharedPage;

type Props = { opened: Opened; project: SharedProject; asList: boolean };

export function SharedTasks({ opened, project, asList }: Props) {
  const pages = useInfiniteQuery(sharedTasksQuery(opened));
  const { data, error } = pages;
  if (error !== null) return <Text role="alert">{messageOf(error)}</Text>;
  if (data === undefined) return <Pending />;
  const tasks = data.pages.flatMap((page) => page.items);
  const filesOf = project.attachments ? (task: TaskRead) => <SharedFiles opened={opened} task={task} /> : undefined;
  return (
    <Stack>
      {asList ? (
        <TaskTable tasks={tasks} statuses={project.statuses} filesOf={filesOf} />
      ) : (
        <Box className={classes.board} role="group" aria-label={words.board} tabIndex={0}>
          {project.statuses.map((status) => (
            <Column
              key={status.key}
              status={status}
              tasks={tasks.filter((task) => task.status === status.key)}
              filesOf={filesOf}
            />
          ))}
        </Box>
      )}
      <MoreButton pages={pages} />
    </Stack>
  );
}

type FilesOf = ((task: TaskRead) => ReactNode) | undefined;

function Column({ status, tasks, filesOf }: { status: SharedStatus; tasks: TaskRead[]; filesOf: FilesOf }) {
  return (
    <section aria-label={status.name} className={classes.column}>
      <Group gap="xs">
        <StatusIcon category={status.category} />
        <Title order={2} size="h5">
          {status.name}
        </Title>
        <Text size="sm" c="dimmed">
          {tasks.length}
        </Text>
      </Group>
      {tasks.map((task) => (
        <article key={task.id} aria-label={task.title} className={classes.card}>
          <Text size="sm">{task.title}</Text>
          <Group gap="xs">
            <Text size="xs" c="dimmed">
              {task.key}
            </Text>
            {task.priority !== "none" && <PriorityIcon priority={task.priority} />}
            <Text size="xs">{dueOf(task)}</Text>
          </Group>
          {filesOf?.(task)}
        </article>
      ))}
    </section>
  );
}

type TableProps = { tasks: TaskRead[]; statuses: SharedStatus[]; filesOf: FilesOf };

function TaskTable({ tasks, statuses, filesOf }: TableProps) {
  if (tasks.length === 0) return <Text c="dimmed">{words.noTasks}</Text>;
  return (
    <WideTable label={words.list} minWidth={520}>
      <Table.Thead>
        <Table.Tr>
          <Table.Th>{words.task}</Table.Th>
          <Table.Th>{words.status}</Table.Th>
          <Table.Th>{words.priority}</Table.Th>
          <Table.Th>{words.due}</Table.Th>
          {filesOf !== undefined && <Table.Th>{words.files}</Table.Th>}
        </Table.Tr>
      </Table.Thead>
      <Table.Tbody>
        {tasks.map((task) => (
          <Table.Tr key={task.id}>
            <Table.Td>
              {task.key} {task.title}
            </Table.Td>
            <Table.Td>{statuses.find((status) => status.key === task.status)?.name}</Table.Td>
            <Table.Td>{texts.tasks.priorities[task.priority]}</Table.Td>
            <Table.Td>{dueOf(task)}</Table.Td>
            {filesOf !== undefined && <Table.Td>{filesOf(task)}</Table.Td>}
          </Table.Tr>
        ))}
      </Table.Tbody>
    </WideTable>
  );
}

function dueOf(task: TaskRead): string {
  const day = task.due_on ?? (task.due_at === null ? null : dayOf(task.due_at));
  return day === null ? "" : showDay(day);
}
