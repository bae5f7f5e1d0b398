/** Search and the one button that is wanted everywhere. */

import { ActionIcon, Button, Group, Kbd, TextInput } from "@mantine/core";
import { IconPlus, IconSearch } from "@tabler/icons-react";
import { useNavigate, useParams } from "@tanstack/react-router";
import { type SubmitEvent, useRef } from "react";

import { openQuickAdd } from "@/features/tasks/quick/opening";
import { useKeys } from "@/keyboard/useKeys";
import { texts } from "@/texts";

export function TopBar() {
  const field = useRef<HTMLInputElement>(null);
  const navigate = useNavigate();
  const { project } = useParams({ strict: false });
  useKeys({ search: () => field.current?.focus() });

  const search = (event: SubmitEvent) => {
    event.preventDefault();
    const words = field.current?.value.trim() ?? "";
    if (words !== "") void navigate({ to: "/search", search: { q: words } });
  };
  const add = () => openQuickAdd({ project });

  return (
    <Group flex={1} gap="sm" justify="flex-end" wrap="nowrap">
      <form role="search" onSubmit={search} style={{ flex: 1, maxWidth: 420, marginInlineEnd: "auto" }}>
        <TextInput
          ref={field}
          type="search"
          aria-label={texts.shell.search}
          placeholder={texts.shell.search}
          leftSection={<IconSearch size={16} aria-hidden />}
          rightSection={
            <Kbd size="xs" visibleFrom="sm">
              /
            </Kbd>
          }
        />
      </form>
      <Button visibleFrom="sm" leftSection={<IconPlus size={16} aria-hidden />} onClick={add}>
        {texts.shell.newTask}
      </Button>
      <ActionIcon hiddenFrom="sm" size="lg" variant="filled" aria-label={texts.shell.newTask} onClick={add}>
        <IconPlus size={18} aria-hidden />
      </ActionIcon>
    </Group>
  );
}
