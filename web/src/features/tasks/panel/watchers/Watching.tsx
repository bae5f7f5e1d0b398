/** Whether I watch the task, and who does. */

import { ActionIcon, Button, Group, Popover, Stack, Text } from "@mantine/core";
import { IconEye } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";

import { answer, api } from "@/api/client";
import { useMe } from "@/api/session";
import { PersonAvatar, personName } from "@/features/tasks/pickers/choices";
import { texts } from "@/texts";

import { useOpenTask } from "../openTask";
import { useWritePart, watchersQuery } from "../parts";

const words = texts.task.watching;

export function Watching() {
  const { task } = useOpenTask();
  const [opened, setOpened] = useState(false);
  return (
    <Popover opened={opened} onChange={setOpened} position="bottom-end" trapFocus returnFocus withinPortal width={280}>
      <Popover.Target>
        <ActionIcon variant="subtle" color="gray" aria-label={words.open} onClick={() => setOpened(!opened)}>
          <IconEye size={18} aria-hidden />
        </ActionIcon>
      </Popover.Target>
      <Popover.Dropdown aria-label={words.title}>{opened && <Watchers task={task.key} />}</Popover.Dropdown>
    </Popover>
  );
}

function Watchers({ task }: { task: string }) {
  const me = useMe();
  const { data: watchers } = useQuery(watchersQuery(task));
  const params = { path: { task } };
  const watch = useWritePart(task, "watchers", (wanted: boolean) =>
    answer(
      wanted ? api.PUT("/api/v1/tasks/{task}/watch", { params }) : api.DELETE("/api/v1/tasks/{task}/watch", { params }),
    ),
  );
  if (watchers === undefined) return <Text size="sm">{texts.common.loading}</Text>;
  const isWatching = watchers.some(({ user }) => user.id === me.id);
  return (
    <Stack gap="xs">
      <Button size="xs" variant="default" loading={watch.isPending} onClick={() => watch.mutate(!isWatching)}>
        {isWatching ? words.unwatch : words.watch}
      </Button>
      <Text size="sm" role="status">
        {words.count(watchers.length)}
      </Text>
      {watchers.map(({ user, reasons }) => (
        <Group key={user.id} gap="xs" wrap="nowrap">
          <PersonAvatar person={user} />
          <div>
            <Text size="sm">{personName(user)}</Text>
            <Text size="xs" c="dimmed">
              {reasons.map((reason) => words.reasons[reason]).join(", ")}
            </Text>
          </div>
        </Group>
      ))}
    </Stack>
  );
}
