/** What can be done with one card without dragging it: for phones, and for hands that do not drag. */

import { Menu } from "@mantine/core";
import {
  IconArrowBarToDown,
  IconArrowBarToUp,
  IconArrowRight,
  IconCircleCheck,
  IconFolderSymlink,
  IconTrash,
} from "@tabler/icons-react";

import type { TaskExpanded } from "@/api/schema";
import { texts } from "@/texts";

import { useCompleteTask, useDeleteTask } from "../changing";
import { openFieldDialog } from "../selecting/fields";
import type { Column } from "./columns";
import type { Drop } from "./dropping";

const words = texts.board;

export type OpenMenu = { button: HTMLElement; task: TaskExpanded; column: string };

type CardMenuProps = {
  menu: OpenMenu | null;
  columns: readonly Column[];
  isOrdered: boolean;
  onDrop: (drop: Drop) => void;
  onClose: () => void;
};

export function CardMenu({ menu, columns, isOrdered, onDrop, onClose }: CardMenuProps) {
  if (menu === null) return null;
  return (
    <Opened key={menu.task.id} menu={menu} columns={columns} isOrdered={isOrdered} onDrop={onDrop} onClose={onClose} />
  );
}

function Opened({ menu, columns, isOrdered, onDrop, onClose }: CardMenuProps & { menu: OpenMenu }) {
  const { button, task, column: from } = menu;
  const complete = useCompleteTask();
  const remove = useDeleteTask();
  const here = columns.find(({ key }) => key === from);
  const others = columns.filter(({ key, becomes }) => key !== from && becomes !== null);
  const first = here?.items.find(({ key }) => key !== task.key)?.key ?? null;
  const rect = button.getBoundingClientRect();
  const drop = (column: string, before: string | null) => onDrop({ task, from, place: { column, before } });
  const close = () => {
    onClose();
    button.focus();
  };
  return (
    <Menu opened onClose={close} position="bottom-end" width={240} returnFocus={false} trapFocus>
      <Menu.Target>
        <span
          aria-hidden
          style={{
            position: "fixed",
            left: rect.left,
            top: rect.top,
            width: rect.width,
            height: rect.height,
            pointerEvents: "none",
          }}
        />
      </Menu.Target>
      <Menu.Dropdown aria-label={words.actions(task.key)} mah="60dvh" style={{ overflowY: "auto" }}>
        <Menu.Label>{words.moveTo}</Menu.Label>
        {others.map(({ key, name }) => (
          <Menu.Item key={key} leftSection={<IconArrowRight size={16} aria-hidden />} onClick={() => drop(key, null)}>
            {name}
          </Menu.Item>
        ))}
        {isOrdered && (
          <>
            <Menu.Item leftSection={<IconArrowBarToUp size={16} aria-hidden />} onClick={() => drop(from, first)}>
              {words.toTop}
            </Menu.Item>
            <Menu.Item leftSection={<IconArrowBarToDown size={16} aria-hidden />} onClick={() => drop(from, null)}>
              {words.toBottom}
            </Menu.Item>
          </>
        )}
        <Menu.Item
          leftSection={<IconFolderSymlink size={16} aria-hidden />}
          onClick={() => openFieldDialog("project", [task.key])}
        >
          {words.toProject}
        </Menu.Item>
        <Menu.Divider />
        <Menu.Item leftSection={<IconCircleCheck size={16} aria-hidden />} onClick={() => complete.mutate(task)}>
          {task.completed_at === null ? words.complete : words.reopen}
        </Menu.Item>
        <Menu.Item leftSection={<IconTrash size={16} aria-hidden />} onClick={() => remove.mutate(task)}>
          {texts.common.delete}
        </Menu.Item>
      </Menu.Dropdown>
    </Menu>
  );
}
