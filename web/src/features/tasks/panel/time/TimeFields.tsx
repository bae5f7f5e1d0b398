/** The fields of time that was worked: how long, when, and on what. */

import { Group, TextInput } from "@mantine/core";
import type { ReactNode } from "react";

import type { Problem } from "@/api/problems";
import { texts } from "@/texts";

const words = texts.task.time;

export type Typed = { length: string; day: string; from: string; note: string };

type Props = {
  typed: Typed;
  onChange: (typed: Typed) => void;
  /** A running timer has no length yet. */
  hasLength?: boolean;
  /** Of what is written down afterwards, few know the minute. */
  hasTime?: boolean;
  takesFocus?: boolean;
  /** Whether the length is none. */
  isWrong: boolean;
  refusal: Problem | null;
  children: ReactNode;
};

export function TimeFields(props: Props) {
  const { typed, onChange, hasLength = true, hasTime = false, takesFocus = false, isWrong, refusal, children } = props;
  return (
    <Group gap="xs" align="flex-start">
      {hasLength && (
        <TextInput
          size="xs"
          w={110}
          label={words.length}
          placeholder={words.lengthHint}
          autoFocus={takesFocus}
          value={typed.length}
          error={isWrong ? words.notALength : (refusal?.about("seconds") ?? refusal?.about("ended_at"))}
          onChange={(event) => onChange({ ...typed, length: event.currentTarget.value })}
        />
      )}
      <TextInput
        size="xs"
        type="date"
        label={words.day}
        autoFocus={takesFocus && !hasLength}
        value={typed.day}
        required
        error={refusal?.about("started_at")}
        onChange={(event) => onChange({ ...typed, day: event.currentTarget.value })}
      />
      {hasTime && (
        <TextInput
          size="xs"
          type="time"
          label={words.from}
          value={typed.from}
          required
          onChange={(event) => onChange({ ...typed, from: event.currentTarget.value })}
        />
      )}
      <TextInput
        size="xs"
        flex={1}
        miw={120}
        maxLength={1000}
        label={words.note}
        value={typed.note}
        error={refusal?.about("note")}
        onChange={(event) => onChange({ ...typed, note: event.currentTarget.value })}
      />
      <Group gap="xs" mt={22}>
        {children}
      </Group>
    </Group>
  );
}
