/** Everything about one task, from its title to its history; one request brings what is seen first. */

import { Alert, Divider, Stack } from "@mantine/core";
import { useQuery, useSuspenseQuery } from "@tanstack/react-query";
import { type ReactNode, useMemo } from "react";

import { FileDrop } from "@/features/files/FileDrop";
import { Files } from "@/features/files/Files";
import { may, useProjectParts } from "@/features/projects/queries";
import { projectOf, taskQuery } from "@/features/tasks/queries";
import { texts } from "@/texts";

import { Checklist } from "./checklist/Checklist";
import rows from "./fields/FieldRow.module.css";
import { TaskFields } from "./fields/TaskFields";
import { Repetition } from "./recurrence/Repetition";
import { Reminders } from "./reminders/Reminders";
import { Timer } from "./time/Timer";
import { Links } from "./links/Links";
import { OpenTaskContext } from "./openTask";
import { Subtasks } from "./subtasks/Subtasks";
import classes from "./TaskContent.module.css";
import { TaskHead } from "./TaskHead";
import { Talk } from "./Talk";
import { Description } from "./text/Description";
import { TaskTitle } from "./text/TaskTitle";

type Props = {
  /** A key or an id. */
  address: string;
  isPage?: boolean;
  onClose: () => void;
};

export default function TaskContent({ address, isPage = false, onClose }: Props) {
  return (
    <WithTask address={address} isPage={isPage}>
      <FileDrop>
        <Stack className={classes.content} gap="md" data-task-content>
          <TaskHead onClose={onClose} />
          <TaskTitle />
          <div className={classes.columns}>
            <Stack className={classes.fields} gap="xs">
              <TaskFields />
              <dl className={rows.rows}>
                <Repetition />
                <Reminders />
                <Timer />
              </dl>
            </Stack>
            <Stack className={classes.text} gap="lg">
              <Description />
              <Checklist />
              <Subtasks />
              <Links />
              <Files />
              <Divider />
              <Talk />
            </Stack>
          </div>
        </Stack>
      </FileDrop>
    </WithTask>
  );
}

function WithTask({ address, isPage, children }: { address: string; isPage: boolean; children: ReactNode }) {
  const { data: found } = useSuspenseQuery(taskQuery(address));
  // By an id or an old key it is the same task, and changes are written to what is known by its key.
  const { data: task } = useQuery({ ...taskQuery(found.key), initialData: found });
  const parts = useProjectParts(task.project?.key ?? projectOf(task.key));
  const isThere = task.deleted_at === null;
  const open = useMemo(
    () => ({
      ...parts,
      task,
      isPage,
      mayWrite: isThere && may(parts.project, "editor"),
      mayComment: isThere && may(parts.project, "commenter"),
      mayManage: isThere && may(parts.project, "admin"),
    }),
    [parts, task, isPage, isThere],
  );
  return (
    <OpenTaskContext value={open}>
      {isPage && parts.project.archived && <Alert m="md">{texts.projects.archived}</Alert>}
      {children}
    </OpenTaskContext>
  );
}
