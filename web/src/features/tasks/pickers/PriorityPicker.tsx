/** The priority of a task, to see and to change. */

import { Group, Text } from "@mantine/core";

import type { Priority } from "@/api/schema";
import { texts } from "@/texts";

import { ChoicePopover } from "./ChoicePopover";
import { PRIORITIES, priorityChoices, PriorityIcon } from "./choices";
import type { PickerProps } from "./StatusPicker";

type Props = PickerProps & { value: Priority | null; onChange: (priority: Priority) => void };

export function PriorityPicker({ value, onChange, face, ...rest }: Props) {
  const name = value === null ? texts.common.none : texts.tasks.priorities[value];
  return (
    <ChoicePopover
      label={texts.pickers.priority}
      faceLabel={texts.pickers.is(texts.pickers.priority, name)}
      choices={priorityChoices()}
      chosen={value === null ? [] : [value]}
      onPick={(picked) => {
        const priority = PRIORITIES.find((one) => one === picked);
        if (priority !== undefined) onChange(priority);
      }}
      face={
        face ?? (
          <Group gap={6} wrap="nowrap">
            {value !== null && <PriorityIcon priority={value} />}
            <Text size="sm" truncate>
              {name}
            </Text>
          </Group>
        )
      }
      {...rest}
    />
  );
}
