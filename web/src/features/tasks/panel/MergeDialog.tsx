/** Merges the task into the one that it duplicates. What went along stays there, so it asks first. */

import { Alert, Button, Group, Modal, Stack, Text } from "@mantine/core";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";

import { answer, api } from "@/api/client";
import type { TaskRead } from "@/api/schema";
import { texts } from "@/texts";
import { messageOf, tell } from "@/ui/toasts";

import { TaskSearch } from "./links/TaskSearch";
import type { DialogProps } from "./MoveDialog";
import { useOpenTask } from "./openTask";
import { useShowTask } from "./TaskMenu";

const words = texts.task.merge;

export function MergeDialog({ opened, onClose, onGone }: DialogProps) {
  return (
    <Modal opened={opened} onClose={onClose} onExitTransitionEnd={onGone} title={words.title}>
      <MergeForm onDone={onClose} />
    </Modal>
  );
}

function MergeForm({ onDone }: { onDone: () => void }) {
  const { task } = useOpenTask();
  const [into, setInto] = useState<TaskRead | null>(null);
  const client = useQueryClient();
  const show = useShowTask();
  const merge = useMutation({
    meta: { quiet: true },
    mutationFn: (other: string) =>
      answer(api.POST("/api/v1/tasks/{task}/merge", { params: { path: { task: task.key } }, body: { into: other } })),
    onSuccess: async (now) => {
      tell(words.merged(task.key, now.key));
      onDone();
      show(now.key);
      await Promise.all(["task", "tasks"].map((root) => client.invalidateQueries({ queryKey: [root] })));
    },
  });
  return (
    <Stack>
      <Text size="sm">{words.told(task.key)}</Text>
      <TaskSearch label={words.into} except={task.id} autoFocus onPick={setInto} />
      {into !== null && (
        <Text size="sm" role="status">
          {words.chosen(into.key, into.title)}
        </Text>
      )}
      {merge.error !== null && (
        <Alert color="red" role="alert">
          {messageOf(merge.error)}
        </Alert>
      )}
      <Group justify="flex-end">
        <Button
          disabled={into === null}
          loading={merge.isPending}
          onClick={() => into !== null && merge.mutate(into.id)}
        >
          {words.submit}
        </Button>
      </Group>
    </Stack>
  );
}
