/** Puts right what was written down: how long it took, when, and on what. */

import { Alert, Button, Stack } from "@mantine/core";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { type SubmitEvent, useState } from "react";

import { answer, api, ifMatch } from "@/api/client";
import { Problem } from "@/api/problems";
import type { TimeEntryRead, TimeEntryUpdate } from "@/api/schema";
import { dayOf, instantOf, timeOf } from "@/format/dates";
import { texts } from "@/texts";
import { messageOf } from "@/ui/toasts";
import { rememberUndo } from "@/ui/undo";

import { useOpenTask } from "../openTask";
import { secondsOf, typedLength } from "./durations";
import { TimeFields, type Typed } from "./TimeFields";

const words = texts.task.time;
const KNOWN = ["seconds", "ended_at", "started_at", "note"];

type Props = { entry: TimeEntryRead; name: string; onDone: () => void };

export function EditTimeEntry({ entry, name, onDone }: Props) {
  const { task } = useOpenTask();
  // As it was when the editing began: what others change meanwhile is told, and does not replace what is typed.
  const [begun] = useState(entry);
  const [before] = useState(() => typedOf(entry));
  const [typed, setTyped] = useState(before);
  const [isWrong, setWrong] = useState(false);
  const change = useChangeEntry(task.key, begun);
  const refusal = change.error instanceof Problem ? change.error : null;
  const isStale = refusal?.status === 412;
  const isBeside = refusal !== null && KNOWN.some((field) => refusal.about(field) !== undefined);
  const submit = (event: SubmitEvent) => {
    event.preventDefault();
    const isOther = typed.length !== before.length;
    const seconds = isOther ? secondsOf(typed.length) : begun.seconds;
    setWrong(isOther && seconds === null);
    if (isOther && seconds === null) return;
    const body = changeOf(before, typed, seconds);
    if (Object.keys(body).length === 0) onDone();
    // Who saves again has been told that somebody else was here, and means it.
    else change.mutate({ body, version: isStale ? entry.version : begun.version }, { onSuccess: onDone });
  };
  return (
    <form onSubmit={submit} aria-label={words.editing(name)}>
      <Stack
        gap="xs"
        onKeyDown={(event) => {
          if (event.key !== "Escape") return;
          event.preventDefault();
          event.stopPropagation();
          onDone();
        }}
      >
        <TimeFields
          typed={typed}
          onChange={setTyped}
          hasLength={begun.seconds !== null}
          hasTime
          takesFocus
          isWrong={isWrong}
          refusal={refusal}
        >
          <Button type="submit" size="xs" loading={change.isPending}>
            {texts.common.save}
          </Button>
          <Button size="xs" variant="default" onClick={onDone}>
            {texts.common.cancel}
          </Button>
        </TimeFields>
        {change.error !== null && !isBeside && (
          <Alert color="red" role="alert" p="xs">
            {isStale ? words.changed : messageOf(change.error)}
          </Alert>
        )}
      </Stack>
    </form>
  );
}

function useChangeEntry(task: string, begun: TimeEntryRead) {
  const client = useQueryClient();
  const patch = (body: TimeEntryUpdate, version: number) =>
    answer(
      api.PATCH("/api/v1/tasks/{task}/time-entries/{entry_id}", {
        params: { path: { task, entry_id: begun.id }, header: ifMatch(version) },
        body,
      }),
    );
  const settle = () =>
    Promise.all([
      client.invalidateQueries({ queryKey: ["task", task, "time-entries"] }),
      client.invalidateQueries({ queryKey: ["task", task], exact: true }),
    ]);
  return useMutation({
    meta: { quiet: true },
    mutationFn: ({ body, version }: { body: TimeEntryUpdate; version: number }) => patch(body, version),
    onSuccess: (now) => {
      const { started_at, seconds, note } = begun;
      const earlier = { started_at, note, ...(seconds === null ? {} : { seconds }) };
      rememberUndo(async () => {
        await patch(earlier, now.version);
        await settle();
      });
    },
    onSettled: settle,
  });
}

function typedOf({ started_at, seconds, note }: TimeEntryRead): Typed {
  return { length: typedLength(seconds ?? 0), day: dayOf(started_at), from: timeOf(started_at), note: note ?? "" };
}

/** Only what was changed. Seconds go along with another beginning, for without them the end would stay where it is. */
function changeOf(before: Typed, typed: Typed, seconds: number | null): TimeEntryUpdate {
  const isMoved = before.day !== typed.day || before.from !== typed.from;
  const isTimed = isMoved || before.length !== typed.length;
  const note = typed.note.trim();
  return {
    ...(isMoved ? { started_at: instantOf(typed.day, typed.from) } : {}),
    ...(isTimed && seconds !== null ? { seconds } : {}),
    ...(before.note === note ? {} : { note: note === "" ? null : note }),
  };
}
