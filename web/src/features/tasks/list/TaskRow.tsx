/** One task as a row: its name opens it, its cells change it. */

import { Table, TextInput } from "@mantine/core";
import { IconPencil } from "@tabler/icons-react";
import { useNavigate } from "@tanstack/react-router";
import { memo, type MouseEvent, useState } from "react";

import type { TaskExpanded, TaskUpdate } from "@/api/schema";
import { may, type ProjectParts } from "@/features/projects/queries";
import { useChangeTask } from "@/features/tasks/changing";
import { extendTo, toggle, useMark } from "@/features/tasks/selecting/selection";
import { texts } from "@/texts";

import { Cell } from "./Cell";
import type { Column } from "./columns";
import classes from "./TaskRow.module.css";

type Props = { parts: ProjectParts; task: TaskExpanded; columns: Column[] };

export const TaskRow = memo(function TaskRow({ parts, task, columns }: Props) {
  const mark = useMark(task.key);
  const isSelected = mark === "selected" || mark === "both";
  const { mutate } = useChangeTask();
  const set = (patch: TaskUpdate) => mutate({ task, patch });
  return (
    <Table.Tr
      className={classes.row}
      data-task={task.key}
      data-cursor={mark === "cursor" || mark === "both" || undefined}
      aria-selected={isSelected}
    >
      <Table.Td>
        <input
          type="checkbox"
          className={classes.select}
          aria-label={texts.list.select(task.key)}
          checked={isSelected}
          onClick={(event) => (event.shiftKey ? extendTo(task.key) : toggle(task.key))}
          readOnly
        />
      </Table.Td>
      <Table.Td className={classes.key}>{task.key}</Table.Td>
      <Table.Td>
        <Name task={task} parts={parts} set={set} />
      </Table.Td>
      {columns.map((column) => (
        <Table.Td key={column.name} className={classes.value} data-labels={column.name === "labels" || undefined}>
          <Cell parts={parts} task={task} column={column.name} set={set} />
        </Table.Td>
      ))}
    </Table.Tr>
  );
});

type NameProps = { parts: ProjectParts; task: TaskExpanded; set: (patch: TaskUpdate) => void };

function Name({ parts, task, set }: NameProps) {
  const navigate = useNavigate();
  const [isEdited, setEdited] = useState(false);
  if (isEdited) return <Rename task={task} set={set} onDone={() => setEdited(false)} />;
  const open = (event: MouseEvent) => {
    // Another tab, or a window: what browsers do with links.
    if (event.ctrlKey || event.metaKey || event.shiftKey) return;
    event.preventDefault();
    void navigate({ to: ".", search: (before) => ({ ...before, task: task.key }) });
  };
  return (
    <div className={classes.naming}>
      {/* The router's own link reckons its address anew whenever any address changes. */}
      <a
        href={`/tasks/${task.key}`}
        className={classes.name}
        data-done={task.completed_at !== null || undefined}
        onClick={open}
      >
        {task.title}
      </a>
      {may(parts.project, "editor") && (
        <button
          type="button"
          className={classes.pencil}
          aria-label={texts.list.rename(task.key)}
          onClick={() => setEdited(true)}
        >
          <IconPencil size={14} aria-hidden />
        </button>
      )}
    </div>
  );
}

type RenameProps = { task: TaskExpanded; set: (patch: TaskUpdate) => void; onDone: () => void };

function Rename({ task, set, onDone }: RenameProps) {
  const [title, setTitle] = useState(task.title);
  const save = () => {
    if (title.trim() !== "" && title.trim() !== task.title) set({ title: title.trim() });
    onDone();
  };
  return (
    <TextInput
      autoFocus
      aria-label={texts.list.newName}
      value={title}
      maxLength={500}
      onChange={(event) => setTitle(event.currentTarget.value)}
      onBlur={save}
      onKeyDown={(event) => {
        if (event.key === "Enter") save();
        if (event.key === "Escape") onDone();
      }}
    />
  );
}
