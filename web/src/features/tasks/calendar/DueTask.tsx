/** One task on its day: opens on a click, goes to another day by a drag or by choosing one. */

import { Text } from "@mantine/core";
import { useDraggable } from "@dnd-kit/react";
import { IconCalendarShare } from "@tabler/icons-react";
import { Link } from "@tanstack/react-router";

import type { TaskExpanded } from "@/api/schema";
import { DatePicker } from "@/features/tasks/pickers/DatePicker";
import { StatusIcon } from "@/features/tasks/pickers/choices";
import { texts } from "@/texts";

import classes from "./MonthGrid.module.css";

type Props = {
  project: string;
  task: TaskExpanded;
  mayMove: boolean;
  onMove: (task: TaskExpanded, day: string) => void;
};

export function DueTask({ task, mayMove, onMove }: Props) {
  const { ref, isDragging } = useDraggable({ id: task.key, disabled: !mayMove });
  return (
    <article
      ref={ref}
      className={classes.task}
      aria-label={task.title}
      data-done={task.completed_at !== null || undefined}
      data-dragging={isDragging || undefined}
    >
      <StatusIcon category={task.status_category} size={14} />
      <Link
        className={classes.link}
        to="."
        search={(before) => ({ ...before, task: task.key })}
        title={`${task.key} ${task.title}`}
        draggable={false}
      >
        <Text size="xs" lineClamp={2} lh={1.3} component="span">
          {task.title}
        </Text>
      </Link>
      {mayMove && (
        <span className={classes.another}>
          <DatePicker
            label={texts.calendar.changeDay(task.key)}
            value={{ day: task.due_on, instant: task.due_at }}
            face={<IconCalendarShare size={14} aria-hidden />}
            onChange={({ day }) => {
              if (day !== null) onMove(task, day);
            }}
          />
        </span>
      )}
    </article>
  );
}
