/** A task on the board: what one wants to know at a glance, and where one takes hold of it. */

import { memo } from "react";

import type { LabelRead, TaskExpanded, UserBrief } from "@/api/schema";

import { useMark } from "../selecting/selection";
import classes from "./Card.module.css";
import { type CardActs, CardFace } from "./CardFace";
import { useIsCarried } from "./carrying";

export type CardProps = {
  task: TaskExpanded;
  column: string;
  /** One card of each column is reached by Tab, the others from there by arrows. */
  isFirst: boolean;
  canMove: boolean;
  today: string;
  people: ReadonlyMap<string, UserBrief>;
  labels: ReadonlyMap<string, LabelRead>;
  acts: CardActs;
};

export const Card = memo(function Card({ task, column, isFirst, canMove, ...rest }: CardProps) {
  const mark = useMark(task.key);
  const isCarried = useIsCarried(task.key, column);
  const isAtCursor = mark === "cursor" || mark === "both";
  return (
    <article
      aria-label={task.title}
      data-task={task.key}
      data-carried={isCarried || undefined}
      data-selected={mark === "selected" || mark === "both" || undefined}
      data-done={task.completed_at !== null || undefined}
      className={classes.card}
      // eslint-disable-next-line jsx-a11y/no-noninteractive-tabindex -- the keys act on the card that has the focus
      tabIndex={isFirst || isAtCursor ? 0 : -1}
    >
      <CardFace
        task={task}
        column={column}
        canMove={canMove}
        isSelected={mark === "selected" || mark === "both"}
        {...rest}
      />
    </article>
  );
});
