/** Writes down time that no timer has counted. */

import { Button } from "@mantine/core";
import { type SubmitEvent, useState } from "react";

import { answer, api } from "@/api/client";
import { Problem } from "@/api/problems";
import type { TimeEntryCreate } from "@/api/schema";
import { instantOf, timeOf, today } from "@/format/dates";
import { texts } from "@/texts";

import { useOpenTask } from "../openTask";
import { useWritePart } from "../parts";
import { secondsOf } from "./durations";
import { TimeFields, type Typed } from "./TimeFields";

export function NewTimeEntry() {
  const { task } = useOpenTask();
  const [typed, setTyped] = useState<Typed>(() => ({ length: "", day: today(), from: "", note: "" }));
  const [isWrong, setWrong] = useState(false);
  const add = useWritePart(task.key, "time-entries", (body: TimeEntryCreate) =>
    answer(api.POST("/api/v1/tasks/{task}/time-entries", { params: { path: { task: task.key } }, body })),
  );
  const submit = (event: SubmitEvent) => {
    event.preventDefault();
    const seconds = secondsOf(typed.length);
    setWrong(seconds === null);
    const note = typed.note.trim();
    if (seconds === null) return;
    add.mutate(
      { started_at: startOf(typed.day, seconds), seconds, ...(note === "" ? {} : { note }) },
      {
        onSuccess: () => setTyped((now) => ({ ...now, length: "", note: "" })),
      },
    );
  };
  return (
    <form onSubmit={submit}>
      <TimeFields
        typed={typed}
        onChange={setTyped}
        isWrong={isWrong}
        refusal={add.error instanceof Problem ? add.error : null}
      >
        <Button type="submit" size="xs" loading={add.isPending}>
          {texts.common.add}
        </Button>
      </TimeFields>
    </form>
  );
}

/** Of today it ended now; of another day it is only known that it was then. */
function startOf(day: string, seconds: number): string {
  if (day !== today()) return instantOf(day, "09:00");
  const start = Math.max(Date.now() - seconds * 1000, Date.parse(instantOf(day, "00:00")));
  return timeOf(new Date(start).toISOString()) === "00:00" ? instantOf(day, "00:00") : new Date(start).toISOString();
}
