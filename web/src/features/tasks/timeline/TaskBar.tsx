/** One task from start to due: opens on Enter or a click, moves by drag and by the arrow keys. */

import { Text } from "@mantine/core";
import { useNavigate } from "@tanstack/react-router";
import { type KeyboardEvent, type PointerEvent, useRef, useState } from "react";

import type { TaskUpdate } from "@/api/schema";
import { addDays, showDay } from "@/format/dates";
import { useChangeTask } from "@/features/tasks/changing";
import { texts } from "@/texts";
import { tell } from "@/ui/toasts";

import type { Bar } from "./bars";
import classes from "./Lanes.module.css";

// Less than that is a click.
const DRAG_PX = 6;
// Of what is shown; a bar below that has its name beside it.
const SHORT = 0.15;
const words = texts.timeline;

export function TaskBar({ bar, days, mayMove }: { bar: Bar; days: number; mayMove: boolean }) {
  const { task, from, to, at, length } = bar;
  const navigate = useNavigate();
  const change = useChangeTask();
  const [shift, setShift] = useState(0);
  const begun = useRef<number | null>(null);
  const label = from === to ? words.single(task.title, showDay(to)) : words.bar(task.title, showDay(from), showDay(to));

  const open = () => void navigate({ to: ".", search: (before) => ({ ...before, task: task.key }) });
  const move = (startBy: number, endBy: number) => {
    const [start, end] = [addDays(from, startBy), addDays(to, endBy)];
    if (end < start || (startBy === 0 && endBy === 0)) return;
    const patch: TaskUpdate = {};
    if (task.start_on !== null) patch.start_on = start;
    else if (endBy !== 0 && startBy === 0) patch.start_on = from;
    if (task.due_at !== null) patch.due_at = new Date(Date.parse(task.due_at) + endBy * 86_400_000).toISOString();
    else if (task.due_on !== null || endBy !== startBy) patch.due_on = end;
    const moved = () => tell(words.moved(task.key, showDay(start), showDay(end)));
    // Told also where the bar is gone by then, and with it what `mutate` is given.
    change.mutateAsync({ task, patch }).then(moved, () => undefined);
  };
  const onKeyDown = (event: KeyboardEvent) => {
    const by = event.key === "ArrowRight" ? 1 : event.key === "ArrowLeft" ? -1 : 0;
    if (by === 0 || !mayMove) return;
    event.preventDefault();
    event.stopPropagation();
    move(event.shiftKey ? 0 : by, by);
  };
  const daysOf = (event: PointerEvent<HTMLElement>) => {
    const lane = event.currentTarget.parentElement?.clientWidth ?? 1;
    return Math.round(((event.clientX - (begun.current ?? event.clientX)) / lane) * days);
  };

  return (
    <button
      type="button"
      className={classes.bar}
      aria-label={label}
      title={label}
      data-category={task.status_category}
      data-short={length / days < SHORT || undefined}
      data-task={task.key}
      style={{
        insetInlineStart: `${((at + shift) / days) * 100}%`,
        width: `max(${(length / days) * 100}%, 24px)`,
      }}
      onKeyDown={onKeyDown}
      onPointerDown={(event) => {
        if (!mayMove || event.pointerType === "touch") return;
        begun.current = event.clientX;
        event.currentTarget.setPointerCapture(event.pointerId);
      }}
      onPointerMove={(event) => {
        if (begun.current !== null) setShift(daysOf(event));
      }}
      onPointerUp={(event) => {
        const moved = begun.current !== null && Math.abs(event.clientX - begun.current) > DRAG_PX;
        const by = daysOf(event);
        begun.current = null;
        setShift(0);
        if (moved) move(by, by);
        else open();
      }}
      onPointerCancel={() => {
        begun.current = null;
        setShift(0);
      }}
      onClick={(event) => {
        // A pointer has been heard above; this is for keys and for screen readers.
        if (event.detail === 0) open();
      }}
    >
      <Text size="xs" truncate span className={classes.name}>
        {task.title}
      </Text>
    </button>
  );
}
