/** The status of a task, to see and to change. */

import { Group, Text } from "@mantine/core";
import type { ReactNode } from "react";

import type { StatusRead } from "@/api/schema";
import { texts } from "@/texts";

import { ChoicePopover } from "./ChoicePopover";
import { statusChoices, StatusIcon } from "./choices";

export type PickerProps = {
  disabled?: boolean;
  opened?: boolean;
  onClose?: () => void;
  /** What stands on the page in place of the value in words. */
  face?: ReactNode;
};

type Props = PickerProps & { statuses: readonly StatusRead[]; value: string | null; onChange: (key: string) => void };

export function StatusPicker({ statuses, value, onChange, face, ...rest }: Props) {
  const status = statuses.find((one) => one.key === value);
  const name = status?.name ?? value ?? texts.common.none;
  return (
    <ChoicePopover
      label={texts.pickers.status}
      faceLabel={texts.pickers.is(texts.pickers.status, name)}
      choices={statusChoices(statuses)}
      chosen={value === null ? [] : [value]}
      onPick={onChange}
      face={
        face ?? (
          <Group gap={6} wrap="nowrap">
            {status !== undefined && <StatusIcon category={status.category} />}
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
