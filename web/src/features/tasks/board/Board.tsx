/** The columns, side by side, and what carries cards between them. */

import {
  Accessibility,
  Cursor,
  type DragEndEvent,
  type DragMoveEvent,
  type DragStartEvent,
  PointerSensor,
  PreventSelection,
} from "@dnd-kit/dom";
import { DragDropProvider, DragOverlay } from "@dnd-kit/react";
import { VisuallyHidden } from "@mantine/core";
import { useCallback, useEffect, useMemo, useRef, useState } from "react";

import type { TaskExpanded } from "@/api/schema";
import { useProjectParts } from "@/features/projects/queries";
import { today } from "@/format/dates";
import { texts } from "@/texts";
import { Spoken } from "@/ui/Spoken";

import { showing } from "../selecting/selection";
import classes from "./Board.module.css";
import { CardMenu, type OpenMenu } from "./CardMenu";
import { CarriedCard } from "./CarriedCard";
import { carryTo, currentCarry, pickUp, putDown } from "./carrying";
import { useCollapsed } from "./collapsing";
import { Column } from "./Column";
import type { Column as ColumnOf } from "./columns";
import { focused, keepFocus, left } from "./cursor";
import { useDrop } from "./dropping";
import "./flatStyles";
import { useGive } from "./giving";
import { Grip } from "./Grip";
import { columnAt, markCarrying, markProject, placeUnder, projectAt } from "./places";
import { type BoardParameters, isOrderedByHand } from "./queries";
import { useBoardKeys } from "./useBoardKeys";
import { useCardActs } from "./useCardActs";
import { useMore } from "./useMore";
import { useRoomBelow } from "./useRoomBelow";

type BoardProps = {
  project: string;
  parameters: BoardParameters;
  columns: readonly ColumnOf[];
  canMove: boolean;
  isLoading: boolean;
};

const SENSORS = [
  PointerSensor.configure({
    // The title is a link that covers the card: by it the card is taken, too.
    preventActivation: ({ target }) => target instanceof Element && target.closest("button, input") !== null,
  }),
];

// The first would make buttons of the cards and speak of their ids; the board speaks for itself. The others write rules
// for every element of the page, which takes longer than the drop.
const UNWANTED: unknown[] = [Accessibility, Cursor, PreventSelection];

export function Board({ project, parameters, columns, canMove, isLoading }: BoardProps) {
  const { members, labels } = useProjectParts(project);
  const board = useRef<HTMLDivElement>(null);
  const room = useRoomBelow(board);
  const [collapsed, collapse] = useCollapsed(project, parameters.group_by);
  const [menu, setMenu] = useState<OpenMenu | null>(null);
  const drop = useDrop(project, parameters, columns);
  const give = useGive(project);
  const more = useMore(project, parameters);
  const acts = useCardActs(setMenu);
  const people = useMemo(() => new Map(members.map(({ user }) => [user.id, user])), [members]);
  const named = useMemo(() => new Map(labels.map((label) => [label.id, label])), [labels]);
  const isOrdered = isOrderedByHand(parameters);
  const fold = useStable(collapse);
  useBoardKeys({ project, board, columns, collapsed, canMove, isOrdered, drop });

  useEffect(() => {
    const open = columns.filter(({ key }) => !collapsed.includes(key));
    showing(open.flatMap(({ items }) => items.map((task) => task.key)));
  }, [columns, collapsed]);
  useEffect(() => {
    if (board.current !== null) keepFocus(board.current);
  });
  useEffect(() => putDown, []);

  const begin = ({ operation: { source } }: DragStartEvent) => {
    const { from, task } = held(columns, source?.id);
    if (from === undefined || task === undefined) return;
    markCarrying(board.current, true);
    pickUp(task.key, from, { column: from, before: task.key });
  };
  const go = ({ operation: { target, position } }: DragMoveEvent) => {
    const carry = currentCarry();
    if (carry === null || markProject(projectAt(position.current, project)) || target === null) return;
    if (board.current === null) return;
    carryTo(placeUnder(board.current, String(target.id), carry.task, position.current.y));
  };
  const end = ({ canceled, nativeEvent, operation: { source, position } }: DragEndEvent) => {
    const carry = currentCarry();
    markCarrying(board.current, false);
    putDown();
    markProject(null);
    const { from, task } = held(columns, source?.id);
    if (from === undefined || task === undefined || canceled || board.current === null) return;
    // A quick hand lets go before anybody has heard where it came to: what counts is where it let go.
    const at =
      nativeEvent instanceof PointerEvent ? { x: nativeEvent.clientX, y: nativeEvent.clientY } : position.current;
    const other = projectAt(at, project);
    const column = columnAt(board.current, at);
    const place = column === null ? carry?.place : placeUnder(board.current, column, task.key, at.y);
    if (other !== null) give(task, other);
    else if (place !== undefined) drop({ task, from, place });
  };

  return (
    <DragDropProvider
      sensors={SENSORS}
      plugins={(defaults) => defaults.filter((plugin) => !UNWANTED.includes(plugin))}
      onDragStart={begin}
      onDragMove={go}
      onDragEnd={end}
    >
      <div
        ref={board}
        className={classes.board}
        style={{ height: room }}
        aria-busy={isLoading}
        onFocus={({ target }) => {
          const task = target.closest<HTMLElement>("[data-task]")?.dataset.task;
          const column = target.closest<HTMLElement>("[data-column]")?.dataset.column;
          if (task !== undefined && column !== undefined) focused({ task, column });
        }}
        onBlur={({ relatedTarget, currentTarget }) => {
          if (relatedTarget !== null && !currentTarget.contains(relatedTarget)) left();
        }}
      >
        {columns.map((column) => (
          <Column
            key={column.key}
            project={project}
            column={column}
            isCollapsed={collapsed.includes(column.key)}
            isOrdered={isOrdered}
            onCollapse={fold}
            onMore={more}
            canMove={canMove}
            today={today()}
            people={people}
            labels={named}
            acts={acts}
          />
        ))}
      </div>
      {canMove && <Grip board={board} />}
      <DragOverlay dropAnimation={null}>
        {(source) => <CarriedCard id={String(source.id)} columns={columns} people={people} labels={named} />}
      </DragOverlay>
      <CardMenu menu={menu} columns={columns} isOrdered={isOrdered} onDrop={drop} onClose={() => setMenu(null)} />
      <Spoken />
      {canMove && <VisuallyHidden>{texts.board.instructions}</VisuallyHidden>}
    </DragDropProvider>
  );
}

/** The task that a draggable stands for, and the column that it was taken from. */
function held(columns: readonly ColumnOf[], id: unknown): { from?: string; task?: TaskExpanded } {
  for (const { key, items } of columns) {
    const task = items.find((one) => `${key}/${one.key}` === id);
    if (task !== undefined) return { from: key, task };
  }
  return {};
}

/** The same function for as long as the board is there, which does what the newest one does. */
function useStable<A>(act: (given: A) => void): (given: A) => void {
  const newest = useRef(act);
  useEffect(() => {
    newest.current = act;
  });
  return useCallback((given: A) => newest.current(given), []);
}
