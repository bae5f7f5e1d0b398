/** When it is due: in words, which the service reads, by a shortcut, or by the calendar of the browser. */

import { Button, Group, Stack, Text, TextInput } from "@mantine/core";
import { useDebouncedValue } from "@mantine/hooks";
import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { type SubmitEvent, useState } from "react";

import { addDays, showDay, showInstant, today } from "@/format/dates";
import { texts } from "@/texts";

import { previewQuery } from "../quick/queries";

const words = texts.bulk;
const TYPING_MS = 200;
const WEEK_DAYS = 7;

export function DueChoice({ project, onPick }: { project: string; onPick: (due: string) => void }) {
  const [typed, setTyped] = useState("");
  const [settled] = useDebouncedValue(typed.trim(), TYPING_MS);
  // Read as the end of a task's line: there the service knows days and times in words.
  const preview = useQuery({
    ...previewQuery(project, `${words.anything} ${settled}`),
    enabled: settled !== "",
    placeholderData: keepPreviousData,
  });
  const understood = settled === "" ? undefined : preview.data?.understood;
  const due = understood?.due_at ?? understood?.due_on ?? null;
  const now = today();
  const shortcuts: [string, string][] = [
    [texts.tasks.today, now],
    [texts.tasks.tomorrow, addDays(now, 1)],
    [words.inAWeek, addDays(now, WEEK_DAYS)],
    [texts.tasks.noDate, ""],
  ];
  const submit = (event: SubmitEvent) => {
    event.preventDefault();
    if (due !== null) onPick(due);
  };
  return (
    <Stack gap="sm">
      <form onSubmit={submit}>
        <TextInput
          label={words.when}
          placeholder={words.whenHint}
          value={typed}
          onChange={(event) => setTyped(event.currentTarget.value)}
          data-autofocus
        />
        <Text role="status" size="sm" mih={22} mt={4}>
          {due === null ? (settled !== "" && preview.isSuccess ? words.noDay : "") : words.meant(shown(due))}
        </Text>
      </form>
      <Group gap="xs">
        {shortcuts.map(([name, value]) => (
          <Button key={name} size="compact-sm" variant="default" onClick={() => onPick(value)}>
            {name}
          </Button>
        ))}
      </Group>
      <TextInput
        type="date"
        label={words.day}
        onChange={(event) => {
          if (event.currentTarget.value !== "") onPick(event.currentTarget.value);
        }}
      />
    </Stack>
  );
}

function shown(due: string): string {
  return due.includes("T") ? showInstant(due) : showDay(due);
}
