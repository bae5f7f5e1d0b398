/** The small signs at the foot of a card: when it is due, and how far it is. */

import { IconCalendar, IconCalendarExclamation, IconListCheck, IconMessage, IconSubtask } from "@tabler/icons-react";

import type { TaskExpanded } from "@/api/schema";
import { useMinute } from "@/format/clock";
import { dayOf, showDay } from "@/format/dates";
import { texts } from "@/texts";

import classes from "./Card.module.css";

const words = texts.board;

export function CardFacts({ task, today }: { task: TaskExpanded; today: string }) {
  const { checklist, progress, comments_count: comments } = task;
  const hasChecklist = checklist != null && checklist.total > 0;
  const hasSubtasks = progress != null && progress.total > 0;
  return (
    <span className={classes.facts}>
      <Due task={task} today={today} />
      {hasChecklist && (
        <span className={classes.fact} title={words.checklist(checklist.done, checklist.total)}>
          <IconListCheck size={14} aria-hidden />
          <span aria-hidden>{`${checklist.done}/${checklist.total}`}</span>
          <span className={classes.spoken}>{words.checklist(checklist.done, checklist.total)}</span>
        </span>
      )}
      {hasSubtasks && (
        <span className={classes.fact} title={words.subtasks(progress.done, progress.total)}>
          <IconSubtask size={14} aria-hidden />
          <span aria-hidden>{`${progress.done}/${progress.total}`}</span>
          <span className={classes.spoken}>{words.subtasks(progress.done, progress.total)}</span>
        </span>
      )}
      {comments != null && comments > 0 && (
        <span className={classes.fact} title={words.comments(comments)}>
          <IconMessage size={14} aria-hidden />
          <span aria-hidden>{comments}</span>
          <span className={classes.spoken}>{words.comments(comments)}</span>
        </span>
      )}
    </span>
  );
}

function Due({ task, today }: { task: TaskExpanded; today: string }) {
  if (task.due_at !== null) return <DueAt task={task} today={today} instant={task.due_at} />;
  if (task.due_on === null) return null;
  return <DueDay day={task.due_on} today={today} isOpen={task.completed_at === null} isPast={task.due_on < today} />;
}

function DueAt({ task, today, instant }: { task: TaskExpanded; today: string; instant: string }) {
  const isPast = Date.parse(instant) < useMinute();
  return <DueDay day={dayOf(instant)} today={today} isOpen={task.completed_at === null} isPast={isPast} />;
}

function DueDay({ day, today, isOpen, isPast }: { day: string; today: string; isOpen: boolean; isPast: boolean }) {
  const isLate = isOpen && isPast;
  const Icon = isLate ? IconCalendarExclamation : IconCalendar;
  const shown = day === today ? texts.tasks.today : showDay(day);
  return (
    <span className={classes.fact} data-late={isLate || undefined} data-today={(isOpen && day === today) || undefined}>
      <Icon size={14} aria-hidden />
      {isLate ? words.overdue(shown) : shown}
    </span>
  );
}
