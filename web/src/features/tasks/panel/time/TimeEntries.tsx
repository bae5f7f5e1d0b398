/** The time that was written down for the task, by whom, and a form to write down more. */

import { ActionIcon, Stack, Text } from "@mantine/core";
import { IconPencil, IconTrash } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { useRef, useState } from "react";

import { answer, api } from "@/api/client";
import type { TimeEntryRead } from "@/api/schema";
import { useMe } from "@/api/session";
import { personName } from "@/features/tasks/pickers/choices";
import { showDuration, showInstant } from "@/format/dates";
import { texts } from "@/texts";
import { Waiting } from "@/ui/Waiting";

import classes from "../lists.module.css";
import { useOpenTask } from "../openTask";
import { timeEntriesQuery, useWritePart } from "../parts";
import { useOfferBack } from "../undoable";
import { EditTimeEntry } from "./EditTimeEntry";
import { NewTimeEntry } from "./NewTimeEntry";

const words = texts.task.time;

export default function TimeEntries() {
  const { task, mayWrite } = useOpenTask();
  const { data: entries } = useQuery(timeEntriesQuery(task.key));
  if (entries === undefined) return <Waiting size="sm" />;
  return (
    <Stack gap="sm">
      {entries.length === 0 && (
        <Text size="sm" c="dimmed">
          {words.nothing}
        </Text>
      )}
      <ul className={classes.list}>
        {entries.map((entry) => (
          <Entry key={entry.id} entry={entry} />
        ))}
      </ul>
      {mayWrite && <NewTimeEntry />}
    </Stack>
  );
}

function Entry({ entry }: { entry: TimeEntryRead }) {
  const { task, members, mayWrite, mayManage } = useOpenTask();
  const me = useMe();
  const [isEditing, setEditing] = useState(false);
  const edit = useRef<HTMLButtonElement>(null);
  const isMine = entry.user_id === me.id;
  const offerBack = useOfferBack(task.key, "time-entries", "time_entry.deleted");
  const remove = useWritePart(
    task.key,
    "time-entries",
    () =>
      answer(
        api.DELETE("/api/v1/tasks/{task}/time-entries/{entry_id}", {
          params: { path: { task: task.key, entry_id: entry.id } },
        }),
      ),
    // An entry is made again by whose it was and nobody else.
    () => {
      if (isMine) offerBack(words.deleted, entry.id);
    },
  );
  const user = members.find((member) => member.user.id === entry.user_id)?.user;
  const name = user === undefined ? texts.common.someone : personName(user);
  const length = entry.seconds === null ? words.running : showDuration(entry.seconds);
  if (isEditing) {
    const leave = () => {
      setEditing(false);
      // The button is drawn again before it can be where the focus goes back to.
      setTimeout(() => edit.current?.focus());
    };
    return (
      <li>
        <EditTimeEntry entry={entry} name={words.entry(name, length)} onDone={leave} />
      </li>
    );
  }
  return (
    <li className={classes.row}>
      <div className={classes.grow}>
        <Text size="sm">{words.entry(name, length)}</Text>
        <Text size="xs" c="dimmed">
          {showInstant(entry.started_at)}
          {entry.note !== null && ` · ${entry.note}`}
        </Text>
      </div>
      {((isMine && mayWrite) || mayManage) && (
        <>
          <ActionIcon
            ref={edit}
            variant="subtle"
            color="gray"
            aria-label={words.edit(length, name)}
            onClick={() => setEditing(true)}
          >
            <IconPencil size={16} aria-hidden />
          </ActionIcon>
          <ActionIcon
            variant="subtle"
            color="gray"
            aria-label={words.remove(length, name)}
            onClick={() => remove.mutate()}
          >
            <IconTrash size={16} aria-hidden />
          </ActionIcon>
        </>
      )}
    </li>
  );
}
