/** What is done to a task now and then: copy, move to a project, merge, delete. */

import { ActionIcon, Menu } from "@mantine/core";
import { IconArrowMerge, IconArrowRight, IconCopy, IconDots, IconTrash } from "@tabler/icons-react";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useNavigate, useParams } from "@tanstack/react-router";
import { useRef, useState } from "react";

import { answer, api } from "@/api/client";
import { useDeleteTask } from "@/features/tasks/changing";
import { useKeys } from "@/keyboard/useKeys";
import { texts } from "@/texts";
import { tell } from "@/ui/toasts";

import { MergeDialog } from "./MergeDialog";
import { MoveDialog } from "./MoveDialog";
import { isInPanel, useOpenTask } from "./openTask";

const words = texts.task.menu;

/** Shows another task where this one was shown. */
export function useShowTask() {
  const navigate = useNavigate();
  const { project } = useParams({ strict: false });
  return (key: string) =>
    project === undefined
      ? void navigate({ to: "/tasks/$task", params: { task: key } })
      : void navigate({ to: ".", search: (before: Record<string, unknown>) => ({ ...before, task: key }) });
}

export function TaskMenu({ onClose }: { onClose: () => void }) {
  const { task } = useOpenTask();
  const more = useRef<HTMLButtonElement>(null);
  // Who came by the menu had the focus in a line of it, which is gone; who came by a key has it back already.
  const giveBack = () => {
    const place = document.activeElement;
    if (place === null || place === document.body || place.closest("[role=dialog]") !== null) more.current?.focus();
  };
  const [dialog, setDialog] = useState<"move" | "merge" | null>(null);
  const remove = useDeleteTask();
  const duplicate = useDuplicate(task.key);
  const throwAway = () => {
    remove.mutate(task);
    onClose();
  };
  useKeys({
    moveToProject: (event) => {
      if (!isInPanel(event)) return false;
      setDialog("move");
      return true;
    },
    remove: (event) => {
      if (!isInPanel(event)) return false;
      throwAway();
      return true;
    },
  });
  return (
    <>
      <Menu position="bottom-end" withinPortal>
        <Menu.Target>
          <ActionIcon ref={more} variant="subtle" color="gray" aria-label={words.more}>
            <IconDots size={18} aria-hidden />
          </ActionIcon>
        </Menu.Target>
        <Menu.Dropdown>
          <Menu.Item leftSection={<IconCopy size={16} aria-hidden />} onClick={() => duplicate.mutate()}>
            {words.duplicate}
          </Menu.Item>
          <Menu.Item leftSection={<IconArrowRight size={16} aria-hidden />} onClick={() => setDialog("move")}>
            {words.move}
          </Menu.Item>
          <Menu.Item leftSection={<IconArrowMerge size={16} aria-hidden />} onClick={() => setDialog("merge")}>
            {words.merge}
          </Menu.Item>
          <Menu.Divider />
          <Menu.Item
            c="var(--mantine-color-error)"
            leftSection={<IconTrash size={16} aria-hidden />}
            onClick={throwAway}
          >
            {texts.common.delete}
          </Menu.Item>
        </Menu.Dropdown>
      </Menu>
      <MoveDialog opened={dialog === "move"} onClose={() => setDialog(null)} onGone={giveBack} />
      <MergeDialog opened={dialog === "merge"} onClose={() => setDialog(null)} onGone={giveBack} />
    </>
  );
}

function useDuplicate(task: string) {
  const client = useQueryClient();
  const show = useShowTask();
  return useMutation({
    mutationFn: () => answer(api.POST("/api/v1/tasks/{task}/duplicate", { params: { path: { task } }, body: {} })),
    onSuccess: async (copy) => {
      tell(texts.tasks.created(copy.key));
      show(copy.key);
      await client.invalidateQueries({ queryKey: ["tasks"] });
    },
  });
}
