/** What stands where nothing is yet: why, and what to do next. */

import { Group, Stack, Text } from "@mantine/core";
import type { ReactNode } from "react";

type Props = {
  text: string;
  /** In a line, beside what is there even so. */
  isLine?: boolean;
  children?: ReactNode;
};

export function Empty({ text, isLine = false, children }: Props) {
  if (isLine) {
    return (
      <Group gap="sm">
        <Text size="sm" c="dimmed">
          {text}
        </Text>
        {children}
      </Group>
    );
  }
  return (
    <Stack align="center" gap="sm" py="xl" px="md" className="empty">
      <Text c="dimmed" ta="center" maw={460}>
        {text}
      </Text>
      {children}
    </Stack>
  );
}
