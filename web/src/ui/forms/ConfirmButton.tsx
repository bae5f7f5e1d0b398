/** For what cannot be taken back: the first press asks, the second does it. Whatever can be undone asks nothing. */

import { Button, FocusTrap, Group, Popover, Stack, Text } from "@mantine/core";
import { useDisclosure } from "@mantine/hooks";
import type { ReactNode } from "react";

import { texts } from "@/texts";

type Props = { label: string; ariaLabel?: string; question: ReactNode; onConfirm: () => void; loading?: boolean };

export function ConfirmButton({ label, ariaLabel, question, onConfirm, loading = false }: Props) {
  const [opened, popover] = useDisclosure();
  const confirm = () => {
    popover.close();
    onConfirm();
  };
  return (
    <Popover opened={opened} onDismiss={popover.close} withRoles trapFocus returnFocus width={280} shadow="md">
      <Popover.Target>
        <Button
          size="compact-sm"
          variant="default"
          flex="none"
          aria-label={ariaLabel}
          loading={loading}
          onClick={popover.toggle}
        >
          {label}
        </Button>
      </Popover.Target>
      <Popover.Dropdown aria-label={ariaLabel ?? label}>
        <FocusTrap.InitialFocus />
        <Stack gap="xs">
          <Text size="sm">{question}</Text>
          <Group gap="xs">
            <Button size="compact-sm" color="red" onClick={confirm}>
              {label}
            </Button>
            <Button size="compact-sm" variant="default" onClick={popover.close}>
              {texts.common.cancel}
            </Button>
          </Group>
        </Stack>
      </Popover.Dropdown>
    </Popover>
  );
}
