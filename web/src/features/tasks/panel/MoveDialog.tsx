/** Moves the task, with its subtasks, to another project. */

import { Alert, Button, Group, Modal, NativeSelect, Stack, Text } from "@mantine/core";
import { useState } from "react";

import type { TaskRead } from "@/api/schema";
import { may, useProjects } from "@/features/projects/queries";
import { useMoveTask } from "@/features/tasks/changing";
import { texts } from "@/texts";
import { messageOf, tell, tellUndoable } from "@/ui/toasts";

import { isMovableBack, useMoveBack } from "./movingBack";
import { useOpenTask } from "./openTask";
import { useShowTask } from "./TaskMenu";

const words = texts.task.move;

export type DialogProps = {
  opened: boolean;
  onClose: () => void;
  /** It has gone: what it was opened from takes the focus. */
  onGone: () => void;
};

export function MoveDialog({ opened, onClose, onGone }: DialogProps) {
  return (
    <Modal opened={opened} onClose={onClose} onExitTransitionEnd={onGone} title={words.title}>
      <MoveForm onDone={onClose} />
    </Modal>
  );
}

function MoveForm({ onDone }: { onDone: () => void }) {
  const { task, project } = useOpenTask();
  const projects = useProjects().filter((one) => one.id !== project.id && may(one, "editor"));
  const [target, setTarget] = useState(projects[0]?.key ?? "");
  const move = useMoveTask();
  const moveBack = useMoveBack();
  const show = useShowTask();
  if (projects.length === 0) return <Text size="sm">{words.nowhere}</Text>;
  const submit = () => {
    const moved = (now: TaskRead) => {
      const takeBack = async () => {
        const { key } = await moveBack(task, project.key);
        if (isShown(now.key)) show(key);
      };
      if (isMovableBack(task)) tellUndoable(words.moved(now.key), takeBack);
      else tell(words.moved(now.key));
      onDone();
      show(now.key);
    };
    // Also where the task, as it was called, is gone by then, and with it what `mutate` is given. A refusal is shown below.
    move.mutateAsync({ task, move: { project: target } }).then(moved, () => undefined);
  };
  return (
    <Stack>
      <NativeSelect
        label={words.to}
        value={target}
        onChange={(event) => setTarget(event.currentTarget.value)}
        data={projects.map((one) => ({ value: one.key, label: one.name }))}
        data-autofocus
      />
      <Text size="sm" c="dimmed">
        {words.told}
      </Text>
      {move.error !== null && (
        <Alert color="red" role="alert">
          {messageOf(move.error)}
        </Alert>
      )}
      <Group justify="flex-end">
        <Button loading={move.isPending} onClick={submit}>
          {words.submit}
        </Button>
      </Group>
    </Stack>
  );
}

/** Who has gone elsewhere meanwhile is not led back. */
function isShown(key: string): boolean {
  const { pathname, search } = globalThis.location;
  return pathname === `/tasks/${key}` || new URLSearchParams(search).get("task") === key;
}
