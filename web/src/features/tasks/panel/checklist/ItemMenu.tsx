/** What can be done with one step of a checklist beside ticking it. */

import { ActionIcon, Menu } from "@mantine/core";
import { IconArrowDown, IconArrowUp, IconDots, IconPencil, IconSubtask, IconTrash } from "@tabler/icons-react";
import { useState } from "react";

import { answer, api } from "@/api/client";
import type { ItemRead } from "@/api/schema";
import { texts } from "@/texts";

import { useOpenTask } from "../openTask";
import { useWritePart } from "../parts";
import { useOfferBack } from "../undoable";
import { useConvert } from "./changing";

const words = texts.task.checklist;

type Props = {
  item: ItemRead;
  isFirst: boolean;
  isLast: boolean;
  onRename: () => void;
  onUp: () => void;
  onDown: () => void;
};

export function ItemMenu({ item, isFirst, isLast, onRename, onUp, onDown }: Props) {
  const { task } = useOpenTask();
  const [isRenaming, setRenaming] = useState(false);
  const offerBack = useOfferBack(task.key, "checklist", "checklist_item.deleted");
  const remove = useWritePart(
    task.key,
    "checklist",
    () =>
      answer(
        api.DELETE("/api/v1/tasks/{task}/checklist/{item_id}", {
          params: { path: { task: task.key, item_id: item.id } },
        }),
      ),
    () => offerBack(words.deleted, item.id),
  );
  const convert = useConvert(task.key, item.id);
  return (
    <Menu
      position="bottom-end"
      withinPortal
      // The menu gives the focus back when it has gone; the field takes it after that.
      onExitTransitionEnd={() => {
        if (isRenaming) onRename();
        setRenaming(false);
      }}
    >
      <Menu.Target>
        <ActionIcon variant="subtle" color="gray" aria-label={words.menu(item.text)}>
          <IconDots size={16} aria-hidden />
        </ActionIcon>
      </Menu.Target>
      <Menu.Dropdown>
        <Menu.Item leftSection={<IconPencil size={14} aria-hidden />} onClick={() => setRenaming(true)}>
          {words.renameIt}
        </Menu.Item>
        <Menu.Item leftSection={<IconArrowUp size={14} aria-hidden />} disabled={isFirst} onClick={onUp}>
          {words.up}
        </Menu.Item>
        <Menu.Item leftSection={<IconArrowDown size={14} aria-hidden />} disabled={isLast} onClick={onDown}>
          {words.down}
        </Menu.Item>
        <Menu.Item leftSection={<IconSubtask size={14} aria-hidden />} onClick={() => convert.mutate()}>
          {words.convert}
        </Menu.Item>
        <Menu.Item leftSection={<IconTrash size={14} aria-hidden />} onClick={() => remove.mutate()}>
          {texts.common.delete}
        </Menu.Item>
      </Menu.Dropdown>
    </Menu>
  );
}
