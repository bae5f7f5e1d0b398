/** Choices as the options of a list, with a check at those that are chosen. */

import { Combobox, Group, Text } from "@mantine/core";
import { IconCheck } from "@tabler/icons-react";

import type { Choice } from "./ChoicePopover";

export function ChoiceOptions({ choices, chosen }: { choices: readonly Choice[]; chosen: readonly string[] }) {
  return choices.map(({ value, label, icon }) => (
    <Combobox.Option key={value} value={value} active={chosen.includes(value)}>
      <Group gap="xs" wrap="nowrap">
        {icon}
        <Text size="sm" truncate flex={1}>
          {label}
        </Text>
        {chosen.includes(value) && <IconCheck size={16} aria-hidden />}
      </Group>
    </Combobox.Option>
  ));
}

/** Those whose label has what was typed in it. */
export function narrowed(choices: readonly Choice[], typed: string): Choice[] {
  const words = typed.trim().toLowerCase();
  return choices.filter(({ label }) => label.toLowerCase().includes(words));
}
