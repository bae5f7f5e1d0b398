/** The bar at the bottom while tasks are selected: how many, and what can be done with all of them. */

import { ActionIcon, Button, Group, Paper, Text } from "@mantine/core";
import {
  IconAntennaBars5,
  IconCalendar,
  IconCircleCheck,
  IconCircleDot,
  IconFolderSymlink,
  IconTag,
  IconTrash,
  IconUser,
  IconX,
} from "@tabler/icons-react";
import { useQueryClient } from "@tanstack/react-query";
import { lazy, Suspense, useEffect } from "react";

import { texts } from "@/texts";

import { useBulkComplete, useBulkDelete } from "./bulk";
import classes from "./BulkBar.module.css";
import { knownTasks } from "./chosen";
import { type Field, openFieldDialog } from "./fields";
import { chosenTasks, clearSelection, useSelection } from "./selection";

const OtherFields = lazy(() => import("./OtherFields"));
const words = texts.bulk;
const FIELDS: [Field, typeof IconTag][] = [
  ["status", IconCircleDot],
  ["assignee", IconUser],
  ["priority", IconAntennaBars5],
  ["labels", IconTag],
  ["due", IconCalendar],
  ["project", IconFolderSymlink],
];

export function BulkBar({ project }: { project: string }) {
  const client = useQueryClient();
  const count = useSelection().selected.size;
  const complete = useBulkComplete();
  const remove = useBulkDelete();
  const tasks = () => knownTasks(client, project, chosenTasks());
  // What is selected in one project is not in the next.
  useEffect(() => clearSelection, [project]);
  if (count === 0) return null;
  return (
    <Paper className={classes.bar} shadow="lg" withBorder role="toolbar" aria-label={words.bar} p={6}>
      <Group gap={4} wrap="nowrap" className={classes.tools}>
        <Text role="status" size="sm" fw={600} px="xs" className={classes.count}>
          {words.selected(count)}
        </Text>
        {FIELDS.map(([field, Icon]) => (
          <Button
            key={field}
            className={classes.tool}
            size="compact-sm"
            variant="subtle"
            leftSection={<Icon size={16} aria-hidden />}
            onClick={() => openFieldDialog(field, chosenTasks())}
          >
            {words.fields[field]}
          </Button>
        ))}
        <Suspense>
          <OtherFields project={project} className={classes.tool} />
        </Suspense>
        <Button
          className={classes.tool}
          size="compact-sm"
          variant="subtle"
          leftSection={<IconCircleCheck size={16} aria-hidden />}
          onClick={() => complete.mutate(tasks())}
        >
          {words.complete}
        </Button>
        <Button
          className={classes.tool}
          size="compact-sm"
          variant="subtle"
          color="red"
          leftSection={<IconTrash size={16} aria-hidden />}
          onClick={() => remove.mutate(tasks())}
        >
          {texts.common.delete}
        </Button>
        <ActionIcon variant="subtle" color="gray" aria-label={words.clear} onClick={clearSelection}>
          <IconX size={18} aria-hidden />
        </ActionIcon>
      </Group>
    </Paper>
  );
}
