/** A column of the board: a region named by what its cards have in common, which takes cards also when it is folded. */

import { useDroppable } from "@dnd-kit/react";
import { Button } from "@mantine/core";
import { Fragment, memo } from "react";

import { texts } from "@/texts";

import { AddCard } from "./AddCard";
import classes from "./Board.module.css";
import { Card, type CardProps } from "./Card";
import { usePlaceIn } from "./carrying";
import { ColumnHead } from "./ColumnHead";
import type { Column as ColumnOf } from "./columns";

type ColumnProps = Pick<CardProps, "canMove" | "today" | "people" | "labels" | "acts"> & {
  project: string;
  column: ColumnOf;
  isCollapsed: boolean;
  /** Whether the place of a drop within the column is kept. */
  isOrdered: boolean;
  onCollapse: (column: string) => void;
  onMore: (column: string) => Promise<void>;
};

export const Column = memo(function Column(props: ColumnProps) {
  const { project, column, isCollapsed, isOrdered, onCollapse, onMore, ...cards } = props;
  const { key, items, name } = column;
  const { ref } = useDroppable({ id: key, disabled: column.becomes === null });
  const place = usePlaceIn(key);
  const mark = isOrdered && place !== null && <div className={classes.place} aria-hidden />;
  return (
    <section
      ref={ref}
      aria-label={name}
      data-column={key}
      data-collapsed={isCollapsed || undefined}
      data-over={place !== null || undefined}
      className={classes.column}
    >
      <ColumnHead column={column} isCollapsed={isCollapsed} onCollapse={onCollapse} />
      {!isCollapsed && (
        <>
          <div className={classes.cards}>
            {items.map((task, index) => (
              <Fragment key={task.id}>
                {place?.before === task.key && mark}
                <Card task={task} column={key} isFirst={index === 0} {...cards} />
              </Fragment>
            ))}
            {place?.before === null && mark}
            {column.next_cursor !== null && (
              <Button
                variant="subtle"
                size="compact-sm"
                fullWidth
                aria-label={texts.board.moreOf(name)}
                onClick={() => void onMore(key)}
              >
                {texts.board.more(column.count - items.length)}
              </Button>
            )}
          </div>
          {cards.canMove && column.becomes !== null && <AddCard project={project} column={column} />}
        </>
      )}
    </section>
  );
});
