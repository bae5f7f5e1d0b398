/** The common rules of repetition, to choose by hand. */

import { Chip, Group, NativeSelect, NumberInput, Stack, TextInput } from "@mantine/core";

import { addDays, today } from "@/format/dates";
import { texts } from "@/texts";

import { type Chosen, FREQUENCIES, WEEKDAYS } from "./rules";

const words = texts.recurrence;

type Props = { chosen: Chosen; onChange: (chosen: Chosen) => void };

export function RuleChoice({ chosen, onChange }: Props) {
  return (
    <Stack gap="xs">
      <Group gap="xs" grow>
        <NumberInput
          label={words.interval}
          size="xs"
          min={1}
          max={999}
          allowDecimal={false}
          value={chosen.interval}
          onChange={(interval) => typeof interval === "number" && interval > 0 && onChange({ ...chosen, interval })}
        />
        <NativeSelect
          label={words.frequency}
          size="xs"
          value={chosen.frequency}
          onChange={(event) => {
            const frequency = FREQUENCIES.find((one) => one === event.currentTarget.value);
            if (frequency !== undefined) onChange({ ...chosen, frequency, weekdays: [], monthDay: null });
          }}
          data={FREQUENCIES.map((one) => ({ value: one, label: words.frequencies[one] }))}
        />
      </Group>
      {chosen.frequency === "WEEKLY" && (
        <Chip.Group
          multiple
          value={[...chosen.weekdays]}
          onChange={(days) => onChange({ ...chosen, weekdays: WEEKDAYS.filter((day) => days.includes(day)) })}
        >
          <Group gap={4} role="group" aria-label={words.weekdays}>
            {WEEKDAYS.map((day) => (
              <Chip key={day} value={day} size="xs">
                {words.shortDays[day]}
              </Chip>
            ))}
          </Group>
        </Chip.Group>
      )}
      {chosen.frequency === "MONTHLY" && (
        <NativeSelect
          label={words.monthDay}
          size="xs"
          value={String(chosen.monthDay ?? "")}
          onChange={(event) =>
            onChange({
              ...chosen,
              monthDay: event.currentTarget.value === "" ? null : Number(event.currentTarget.value),
            })
          }
          data={[
            { value: "", label: words.sameDay },
            ...Array.from({ length: 31 }, (_, index) => ({ value: String(index + 1), label: String(index + 1) })),
            { value: "-1", label: words.lastDay },
          ]}
        />
      )}
      <End chosen={chosen} onChange={onChange} />
    </Stack>
  );
}

function End({ chosen, onChange }: Props) {
  const { end } = chosen;
  const choose = (kind: string) => {
    if (kind === "count") onChange({ ...chosen, end: { kind, count: 10 } });
    else if (kind === "until") onChange({ ...chosen, end: { kind, day: addDays(today(), 90) } });
    else onChange({ ...chosen, end: { kind: "never" } });
  };
  return (
    <Group gap="xs" grow align="end">
      <NativeSelect
        label={words.ends}
        size="xs"
        value={end.kind}
        onChange={(event) => choose(event.currentTarget.value)}
        data={[
          { value: "never", label: words.endsNever },
          { value: "count", label: words.endsAfter },
          { value: "until", label: words.endsOn },
        ]}
      />
      {end.kind === "count" && (
        <NumberInput
          label={words.count}
          size="xs"
          min={1}
          max={9999}
          allowDecimal={false}
          value={end.count}
          onChange={(count) =>
            typeof count === "number" && count > 0 && onChange({ ...chosen, end: { kind: "count", count } })
          }
        />
      )}
      {end.kind === "until" && (
        <TextInput
          type="date"
          label={words.lastDate}
          size="xs"
          value={end.day}
          onChange={(event) =>
            event.currentTarget.value !== "" &&
            onChange({ ...chosen, end: { kind: "until", day: event.currentTarget.value } })
          }
        />
      )}
    </Group>
  );
}
