/** My own reminders of the task, which nobody else sees. */

import { ActionIcon, Group, NativeSelect, Popover, Stack, Text, UnstyledButton } from "@mantine/core";
import { IconBell, IconX } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";

import { answer, api } from "@/api/client";
import type { ReminderCreate, ReminderRead } from "@/api/schema";
import { DatePicker } from "@/features/tasks/pickers/DatePicker";
import { instantOf, showInstant } from "@/format/dates";
import { texts } from "@/texts";
import { tellUndoable } from "@/ui/toasts";
import { Waiting } from "@/ui/Waiting";

import { FieldRow } from "../fields/FieldRow";
import { useOpenTask } from "../openTask";
import { remindersQuery, useWritePart } from "../parts";

const words = texts.task.reminders;
const BEFORE = [0, 10, 60, 1440, 10080] as const;

export function Reminders() {
  const [opened, setOpened] = useState(false);
  return (
    <FieldRow label={words.title}>
      <Popover
        opened={opened}
        onChange={setOpened}
        width={300}
        position="bottom-start"
        trapFocus
        returnFocus
        withinPortal
      >
        <Popover.Target>
          <UnstyledButton onClick={() => setOpened(!opened)}>
            <Group gap={6} wrap="nowrap">
              <IconBell size={16} aria-hidden />
              <Text size="sm">{words.open}</Text>
            </Group>
          </UnstyledButton>
        </Popover.Target>
        <Popover.Dropdown aria-label={words.title}>{opened && <Mine />}</Popover.Dropdown>
      </Popover>
    </FieldRow>
  );
}

function Mine() {
  const { task } = useOpenTask();
  const { data: reminders } = useQuery(remindersQuery(task.key));
  const add = useWritePart(task.key, "reminders", (body: ReminderCreate) =>
    answer(api.POST("/api/v1/tasks/{task}/reminders", { params: { path: { task: task.key } }, body })),
  );
  const hasDue = task.due_on !== null || task.due_at !== null;
  if (reminders === undefined) return <Waiting size="sm" />;
  return (
    <Stack gap="xs">
      <Text size="sm" c="dimmed">
        {reminders.length === 0 ? words.nothing : words.private}
      </Text>
      {reminders.map((reminder) => (
        <Reminder key={reminder.id} reminder={reminder} />
      ))}
      <NativeSelect
        label={words.before}
        size="xs"
        value=""
        disabled={add.isPending || !hasDue}
        description={hasDue ? undefined : words.noDue}
        onChange={(event) => {
          if (event.currentTarget.value !== "") add.mutate({ minutes_before: Number(event.currentTarget.value) });
        }}
        data={[
          { value: "", label: words.choose },
          ...BEFORE.map((minutes) => ({ value: String(minutes), label: words.minutesBefore(minutes) })),
        ]}
      />
      <Group gap="xs">
        <Text size="sm">{words.at}</Text>
        <DatePicker
          label={words.at}
          withTime
          value={{ day: null, instant: null }}
          face={<Text size="sm">{words.chooseInstant}</Text>}
          onChange={({ day, instant }) => {
            const at = instant ?? (day === null ? null : instantOf(day, "09:00"));
            if (at !== null) add.mutate({ at });
          }}
        />
      </Group>
    </Stack>
  );
}

function Reminder({ reminder }: { reminder: ReminderRead }) {
  const { task } = useOpenTask();
  // It is private and in no log: what brings it back is another one that is the same.
  const again = useWritePart(task.key, "reminders", (body: ReminderCreate) =>
    answer(api.POST("/api/v1/tasks/{task}/reminders", { params: { path: { task: task.key } }, body })),
  );
  const { at, minutes_before } = reminder;
  const remove = useWritePart(
    task.key,
    "reminders",
    () =>
      answer(
        api.DELETE("/api/v1/tasks/{task}/reminders/{reminder_id}", {
          params: { path: { task: task.key, reminder_id: reminder.id } },
        }),
      ),
    () => tellUndoable(words.deleted, () => again.mutateAsync(minutes_before === null ? { at } : { minutes_before })),
  );
  const when = reminder.remind_at === null ? words.waiting : showInstant(reminder.remind_at);
  const name = reminder.minutes_before === null ? when : words.minutesBefore(reminder.minutes_before);
  return (
    <Group justify="space-between" wrap="nowrap">
      <div>
        <Text size="sm">{name}</Text>
        {reminder.minutes_before !== null && (
          <Text size="xs" c="dimmed">
            {when}
          </Text>
        )}
      </div>
      <ActionIcon variant="subtle" color="gray" aria-label={words.remove(name)} onClick={() => remove.mutate()}>
        <IconX size={14} aria-hidden />
      </ActionIcon>
    </Group>
  );
}
