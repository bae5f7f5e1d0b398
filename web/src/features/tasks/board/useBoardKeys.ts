/** The keys of the board: from card to card, and cards from place to place. */

import { useNavigate } from "@tanstack/react-router";
import { type RefObject, useState } from "react";

import { openQuickAdd } from "@/features/tasks/quick/opening";
import { beneathDialogs, useKeys } from "@/keyboard/useKeys";
import { texts } from "@/texts";
import { say } from "@/ui/Spoken";

import { currentSelection, include } from "../selecting/selection";
import { useSelectionKeys } from "../selecting/useSelectionKeys";
import { carryTo, currentCarry, pickUp, type Place, putDown } from "./carrying";
import type { Column } from "./columns";
import { cursorAt, goTo } from "./cursor";
import type { Drop } from "./dropping";
import { aside, spot, type Spot, stepped } from "./spots";

type Input = {
  project: string;
  board: RefObject<HTMLElement | null>;
  columns: readonly Column[];
  collapsed: readonly string[];
  canMove: boolean;
  isOrdered: boolean;
  drop: (drop: Drop) => void;
};

export function useBoardKeys({ project, board, columns, collapsed, canMove, isOrdered, drop }: Input): void {
  const navigate = useNavigate({ from: "/projects/$project/board" });
  const [isCarrying, setCarrying] = useState(false);
  const open = columns.filter(({ key }) => !collapsed.includes(key));
  const here = () => spot(open, cursorAt(), currentSelection().cursor);

  const go = (to: Spot | null) => {
    if (to === null || board.current === null) return false;
    goTo(board.current, { task: to.task.key, column: to.column.key });
    return true;
  };
  const extend = (to: Spot | null) => {
    const from = here();
    if (from !== null && currentSelection().selected.size === 0) include(from.task.key);
    if (!go(to) || to === null) return false;
    include(to.task.key);
    return true;
  };
  const move = (place: (from: Spot) => Place | null) => () => {
    const from = here();
    const to = from === null ? null : place(from);
    if (from === null || !canMove) return false;
    if (to !== null) drop({ task: from.task, from: from.column.key, place: to });
    return true;
  };
  const carry = (place: (from: Spot, at: Place) => Place | null) => () => {
    const now = currentCarry();
    const from = here();
    if (now === null || from === null) return false;
    const to = place(from, now.place);
    if (to === null) return true;
    carryTo(to);
    const column = columns.find(({ key }) => key === to.column);
    if (column !== undefined) say(texts.board.over(column.name, positionOf(column, to, now.task)));
    return true;
  };
  const end = (isKept: boolean) => () => {
    const now = currentCarry();
    const from = here();
    setCarrying(false);
    putDown();
    if (now === null || from === null) return true;
    if (isKept) drop({ task: from.task, from: now.from, place: now.place });
    else say(texts.board.stayed(now.task));
    return true;
  };
  const begin = () => {
    const from = here();
    if (from === null || !canMove) return false;
    pickUp(from.task.key, from.column.key, { column: from.column.key, before: from.task.key });
    setCarrying(true);
    say(texts.board.pickedUp(from.task.key));
    return true;
  };

  useSelectionKeys(project);
  useKeys(
    beneathDialogs({
      next: () => go(stepped(open, here(), 1)),
      previous: () => go(stepped(open, here(), -1)),
      left: () => go(aside(open, here(), -1)),
      right: () => go(aside(open, here(), 1)),
      selectNext: () => extend(stepped(open, here(), 1)),
      selectPrevious: () => extend(stepped(open, here(), -1)),
      open: () => {
        const at = here();
        if (at === null) return false;
        void navigate({ search: (before) => ({ ...before, task: at.task.key }) });
        return true;
      },
      create: () => {
        const status = here()?.column.mark;
        const fields =
          status !== null && status !== undefined && "status" in status ? { status: status.status.key } : undefined;
        openQuickAdd({ project, fields });
      },
      carry: begin,
      moveUp: move((from) => vertical(from, placeOf(from), -1, isOrdered)),
      moveDown: move((from) => vertical(from, placeOf(from), 1, isOrdered)),
      moveLeft: move((from) => sideways(columns, placeOf(from), from, -1)),
      moveRight: move((from) => sideways(columns, placeOf(from), from, 1)),
    }),
  );
  useKeys(
    {
      previous: carry((from, at) => vertical({ ...from, column: columnOf(columns, at, from) }, at, -1, isOrdered)),
      next: carry((from, at) => vertical({ ...from, column: columnOf(columns, at, from) }, at, 1, isOrdered)),
      left: carry((from, at) => sideways(columns, at, from, -1)),
      right: carry((from, at) => sideways(columns, at, from, 1)),
      carry: end(true),
      open: end(true),
      close: end(false),
    },
    isCarrying,
  );
}

function placeOf({ task, column }: Spot): Place {
  return { column: column.key, before: column.items[column.items.indexOf(task) + 1]?.key ?? null };
}

function columnOf(columns: readonly Column[], at: Place, from: Spot): Column {
  return columns.find(({ key }) => key === at.column) ?? from.column;
}

/** Among the other cards of the column, one place up or down. */
function vertical({ task, column }: Spot, at: Place, by: 1 | -1, isOrdered: boolean): Place | null {
  if (!isOrdered) return null;
  const others = column.items.filter(({ key }) => key !== task.key);
  const now = indexIn(others, column, at, task.key);
  const next = now + by;
  if (next < 0 || next > others.length) return null;
  return { column: column.key, before: others[next]?.key ?? null };
}

/** Into the next column that takes cards, at the same height. */
function sideways(columns: readonly Column[], at: Place, { task }: Spot, by: 1 | -1): Place | null {
  const from = columns.findIndex(({ key }) => key === at.column);
  const column = columns[from];
  if (column === undefined) return null;
  const others = column.items.filter(({ key }) => key !== task.key);
  const height = indexIn(others, column, at, task.key);
  const ways = by === 1 ? columns.slice(from + 1) : columns.slice(0, from).toReversed();
  const to = ways.find(({ becomes }) => becomes !== null);
  return to === undefined
    ? null
    : { column: to.key, before: to.items.filter(({ key }) => key !== task.key)[height]?.key ?? null };
}

function indexIn(others: readonly { key: string }[], column: Column, at: Place, task: string): number {
  if (at.before === task) return column.items.findIndex(({ key }) => key === task);
  const index = others.findIndex(({ key }) => key === at.before);
  return at.before === null || index < 0 ? others.length : index;
}

function positionOf(column: Column, place: Place, task: string): number {
  return (
    indexIn(
      column.items.filter(({ key }) => key !== task),
      column,
      place,
      task,
    ) + 1
  );
}
