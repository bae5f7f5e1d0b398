/** The inside of a toast that offers something to do: the way back, or the way there. */

import { Button, Group, Text } from "@mantine/core";
import type { ReactNode } from "react";

export function actionToast(message: string, label: string, act: () => void): ReactNode {
  return (
    <Group justify="space-between" wrap="nowrap">
      <Text size="sm">{message}</Text>
      <Button size="compact-sm" variant="light" onClick={act}>
        {label}
      </Button>
    </Group>
  );
}
