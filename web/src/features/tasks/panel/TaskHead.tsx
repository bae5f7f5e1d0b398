/** What can be done with the task as a whole: complete it, watch it, take its address along, and more in the menu. */

import { ActionIcon, Badge, Button, CopyButton, Group, Text, Tooltip } from "@mantine/core";
import { IconArrowBackUp, IconCheck, IconExternalLink, IconLink, IconX } from "@tabler/icons-react";
import { Link } from "@tanstack/react-router";

import { useCompleteTask } from "@/features/tasks/changing";
import { useKeys } from "@/keyboard/useKeys";
import { texts } from "@/texts";

import { isInPanel, useOpenTask } from "./openTask";
import { TaskMenu } from "./TaskMenu";
import { Watching } from "./watchers/Watching";

const words = texts.task;

export function TaskHead({ onClose }: { onClose: () => void }) {
  const { task, isPage, mayWrite } = useOpenTask();
  const complete = useCompleteTask();
  const isDone = task.completed_at !== null;
  useKeys(
    {
      complete: (event) => {
        if (!isInPanel(event)) return false;
        complete.mutate(task);
        return true;
      },
    },
    mayWrite,
  );
  return (
    <Group justify="space-between" gap="xs">
      <Group gap="xs">
        <Text c="dimmed" size="sm">
          {task.key}
        </Text>
        {task.deleted_at !== null && <Badge color="red">{words.inTrash}</Badge>}
        {mayWrite && (
          <Button
            size="compact-sm"
            variant={isDone ? "default" : "light"}
            loading={complete.isPending}
            leftSection={isDone ? <IconArrowBackUp size={14} aria-hidden /> : <IconCheck size={14} aria-hidden />}
            onClick={() => complete.mutate(task)}
          >
            {isDone ? words.reopen : words.complete}
          </Button>
        )}
      </Group>
      <Group gap={4} wrap="nowrap">
        <Watching />
        <CopyButton value={`${globalThis.location.origin}/tasks/${task.key}`}>
          {({ copied, copy }) => (
            <Tooltip label={copied ? texts.common.copied : words.copyLink}>
              <ActionIcon variant="subtle" color="gray" aria-label={words.copyLink} onClick={copy}>
                {copied ? <IconCheck size={18} aria-hidden /> : <IconLink size={18} aria-hidden />}
              </ActionIcon>
            </Tooltip>
          )}
        </CopyButton>
        {!isPage && (
          <Tooltip label={words.openPage}>
            <ActionIcon
              component={Link}
              to={`/tasks/${task.key}`}
              variant="subtle"
              color="gray"
              aria-label={words.openPage}
            >
              <IconExternalLink size={18} aria-hidden />
            </ActionIcon>
          </Tooltip>
        )}
        {mayWrite && <TaskMenu onClose={onClose} />}
        {!isPage && (
          <ActionIcon variant="subtle" color="gray" aria-label={texts.common.close} onClick={onClose}>
            <IconX size={18} aria-hidden />
          </ActionIcon>
        )}
      </Group>
    </Group>
  );
}
