/** The head of a column: its name, how many cards it has and how many it may have, and the button that folds it. */

import { IconArrowsDiagonalMinimize2, IconChevronLeft, IconChevronRight } from "@tabler/icons-react";

import { texts } from "@/texts";

import { LabelDot, PersonAvatar, PriorityIcon, StatusIcon } from "../pickers/choices";
import classes from "./Board.module.css";
import type { Column } from "./columns";

const words = texts.board;

type ColumnHeadProps = { column: Column; isCollapsed: boolean; onCollapse: (column: string) => void };

export function ColumnHead({ column, isCollapsed, onCollapse }: ColumnHeadProps) {
  const { key, name, count, wipLimit, count_is_lower_bound: isMore = false } = column;
  const isOver = wipLimit !== null && count > wipLimit;
  const isFull = wipLimit !== null && count === wipLimit;
  const shown = `${count}${isMore ? "+" : ""}`;
  const Chevron = isCollapsed ? IconChevronRight : IconChevronLeft;
  return (
    <header className={classes.head}>
      <Mark mark={column.mark} />
      <h2 className={classes.name}>{name}</h2>
      <span
        className={classes.count}
        data-over={isOver || undefined}
        data-full={isFull || undefined}
        title={wipLimit === null ? undefined : words.limit(wipLimit)}
      >
        {isOver && <IconArrowsDiagonalMinimize2 size={14} aria-hidden />}
        <span aria-hidden>{wipLimit === null ? shown : `${shown} / ${wipLimit}`}</span>
        <span className={classes.spoken}>{spokenCount(count, wipLimit)}</span>
      </span>
      <button
        type="button"
        className={classes.fold}
        aria-label={isCollapsed ? words.unfold(name) : words.fold(name)}
        aria-expanded={!isCollapsed}
        onClick={() => onCollapse(key)}
      >
        <Chevron size={16} aria-hidden />
      </button>
    </header>
  );
}

function Mark({ mark }: Pick<Column, "mark">) {
  if (mark === null) return null;
  if ("status" in mark) return <StatusIcon category={mark.status.category} />;
  if ("priority" in mark) return <PriorityIcon priority={mark.priority} />;
  if ("label" in mark) return <LabelDot color={mark.label.color} />;
  return <PersonAvatar person={mark.member.user} />;
}

function spokenCount(count: number, limit: number | null): string {
  if (limit === null) return words.cards(count);
  return count > limit ? words.overLimit(count, limit) : words.ofLimit(count, limit);
}
