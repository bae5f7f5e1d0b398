/** The calendar behind a date, with the days that are chosen most. */

import "@mantine/dates/styles.css";

import { Button, Group, Stack, TextInput } from "@mantine/core";
import { DatePicker as Calendar } from "@mantine/dates";
import { useState } from "react";

import { addDays, firstDayOfWeek, instantOf, timeOf, today } from "@/format/dates";
import { texts } from "@/texts";

import { dayOfMoment, type Moment } from "./DatePicker";

const words = texts.pickers;

type Props = { value: Moment; withTime: boolean; onChoose: (moment: Moment) => void };

export default function DateChooser({ value, withTime, onChoose }: Props) {
  const [day, setDay] = useState(dayOfMoment(value));
  const [time, setTime] = useState(value.instant === null ? "" : timeOf(value.instant));
  const choose = (chosen: string | null, at = time) => {
    if (chosen === null) onChoose({ day: null, instant: null });
    else if (at === "") onChoose({ day: chosen, instant: null });
    else onChoose({ day: null, instant: instantOf(chosen, at) });
  };
  return (
    <Stack gap="xs">
      <Group gap={4}>
        <Button size="compact-sm" variant="default" onClick={() => choose(today())}>
          {texts.tasks.today}
        </Button>
        <Button size="compact-sm" variant="default" onClick={() => choose(addDays(today(), 1))}>
          {texts.tasks.tomorrow}
        </Button>
        <Button size="compact-sm" variant="default" onClick={() => choose(addDays(today(), 7))}>
          {words.inAWeek}
        </Button>
      </Group>
      <Calendar
        value={day}
        defaultDate={day ?? today()}
        getDayProps={(date) => (date === (day ?? today()) ? { "data-autofocus": true } : {})}
        firstDayOfWeek={firstDayOfWeek()}
        // Their red and their grey have too little contrast, and tell nothing that is needed to choose a day.
        weekendDays={[]}
        hideOutsideDates
        ariaLabels={words.calendar}
        onChange={(chosen) => {
          setDay(chosen);
          if (!withTime || time === "") choose(chosen);
        }}
      />
      {withTime && (
        <Group gap="xs" align="end" wrap="nowrap">
          <TextInput
            type="time"
            label={words.time}
            size="xs"
            flex={1}
            value={time}
            onChange={(event) => setTime(event.currentTarget.value)}
          />
          <Button size="xs" disabled={day === null} onClick={() => choose(day)}>
            {words.set}
          </Button>
        </Group>
      )}
      <Button size="compact-sm" variant="subtle" disabled={dayOfMoment(value) === null} onClick={() => choose(null)}>
        {words.noDate}
      </Button>
    </Stack>
  );
}
