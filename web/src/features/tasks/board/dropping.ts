/** A card that is put down: drawn there at once, written in one request, put back where the service refuses. */

import { useMutation, useQueryClient } from "@tanstack/react-query";

import { answer, api } from "@/api/client";
import type { TaskExpanded, TaskGroups, TaskMove, TaskUpdate } from "@/api/schema";
import { texts } from "@/texts";
import { say } from "@/ui/Spoken";
import { rememberUndo } from "@/ui/undo";

import { askAgain, hold, pick, putBack, useMoveTask } from "../changing";
import { WRITING } from "../underWay";
import type { Place } from "./carrying";
import type { Column } from "./columns";
import { refocus } from "./cursor";
import { type BoardParameters, boardQuery, isOrderedByHand } from "./queries";

export type Drop = { task: TaskExpanded; from: string; place: Place };
type Regrouping = {
  task: TaskExpanded;
  patch: TaskUpdate;
  move: TaskMove | null;
  back: TaskMove | null;
  show: () => void;
};

export function useDrop(project: string, parameters: BoardParameters, columns: readonly Column[]) {
  const client = useQueryClient();
  const move = useMoveTask();
  const regroup = useRegroup();

  return ({ task, from, place }: Drop) => {
    const source = columns.find(({ key }) => key === from);
    const target = columns.find(({ key }) => key === place.column);
    if (source === undefined || target === undefined || isSamePlace(source, task, place)) return;
    if (from !== target.key && target.becomes === null) return;
    const byHand = isOrderedByHand(parameters);
    if (from === target.key && !byHand) return;

    const patch = from === target.key ? {} : (target.becomes?.(task, from) ?? {});
    const there = byHand ? neighbours(target, task, place.before) : null;
    const back = byHand ? neighbours(source, task, follower(source, task)) : null;
    const show = () => {
      client.setQueryData(boardQuery(project, parameters).queryKey, (board) =>
        board === undefined ? board : placed(board, { ...task, ...patch }, from, place),
      );
      refocus(task.key, target.key);
    };
    speak(target, task, place);
    const { status, ...fields } = patch;
    if (Object.keys(fields).length === 0) {
      const came = status === undefined ? {} : { status };
      const went = status === undefined ? {} : { status: task.status };
      move.mutate({ task, move: { ...there, ...came }, back: { ...back, ...went }, show });
    } else regroup.mutate({ task, patch, move: there, back, show });
  };
}

/** Another field and another place, both or none. */
function useRegroup() {
  const client = useQueryClient();
  return useMutation({
    mutationKey: WRITING,
    mutationFn: ({ task, patch, move }: Regrouping) => write(task.key, patch, move),
    onMutate: ({ show }) => hold(client, show),
    onError: (_error, _regrouping, kept) => putBack(client, kept),
    onSuccess: (_now, { task, patch, back }) => {
      const before = pick(task, Object.keys(patch));
      rememberUndo(async () => {
        await write(task.key, before, back);
        await askAgain(client);
      });
    },
    onSettled: () => askAgain(client),
  });
}

async function write(task: string, patch: TaskUpdate, move: TaskMove | null): Promise<void> {
  const operations = [
    { op: "update" as const, task, ...patch },
    ...(move === null || Object.keys(move).length === 0 ? [] : [{ op: "move" as const, task, ...move }]),
  ];
  await answer(api.POST("/api/v1/tasks/batch", { body: { atomic: true, operations } }));
}

function isSamePlace(source: Column, task: TaskExpanded, place: Place): boolean {
  return source.key === place.column && (place.before === task.key || place.before === follower(source, task));
}

/** The card behind it, as long as it stands where it stands. */
function follower({ items }: Column, { key }: TaskExpanded): string | null {
  return items[items.findIndex((task) => task.key === key) + 1]?.key ?? null;
}

/** The service is told the neighbour that stands before a place: behind it there may be cards that are not shown. */
function neighbours(column: Column, task: TaskExpanded, before: string | null): TaskMove {
  const others = column.items.filter((other) => other.key !== task.key);
  const at = before === null ? others.length : others.findIndex((other) => other.key === before);
  const [previous, next] = [others[at - 1], others[at]];
  if (previous !== undefined) return { after: previous.key };
  return next === undefined ? {} : { before: next.key };
}

function placed({ groups }: TaskGroups, task: TaskExpanded, from: string, place: Place): TaskGroups {
  return {
    groups: groups.map((group) => {
      if (group.key !== from && group.key !== place.column) return group;
      // In a grouping by people or labels it may be in both.
      const others = group.items.filter((other) => other.key !== task.key);
      const left = group.items.length - others.length;
      if (group.key !== place.column) return { ...group, items: others, count: group.count - left };
      const found = others.findIndex((other) => other.key === place.before);
      const at = place.before === null || found < 0 ? others.length : found;
      return { ...group, items: others.toSpliced(at, 0, task), count: group.count - left + 1 };
    }),
  };
}

function speak(target: Column, task: TaskExpanded, place: Place): void {
  const others = target.items.filter((other) => other.key !== task.key);
  const at = place.before === null ? others.length : others.findIndex((other) => other.key === place.before);
  const total = target.count + (others.length === target.items.length ? 1 : 0);
  say(texts.board.moved(task.key, target.name, at + 1, total));
}
