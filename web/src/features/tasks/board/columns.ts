/** What the columns of a board are, by whatever it is grouped: their names, and what a card becomes that is dropped there. */

import type {
  DueIn,
  GroupBy,
  LabelRead,
  MemberRead,
  Priority,
  StatusRead,
  TaskExpanded,
  TaskGroup,
  TaskGroups,
  TaskUpdate,
} from "@/api/schema";
import type { ProjectParts } from "@/features/projects/queries";
import { addDays, today } from "@/format/dates";
import { texts } from "@/texts";

import { personName } from "../pickers/choices";

export type Column = TaskGroup & {
  name: string;
  /** What stands before the name. */
  mark: { status: StatusRead } | { priority: Priority } | { label: LabelRead } | { member: MemberRead } | null;
  wipLimit: number | null;
  /** Null where a card cannot be put: nobody makes a task overdue by hand. */
  becomes: ((task: Many, from: string) => TaskUpdate) | null;
};

type Parts = Pick<ProjectParts, "statuses" | "labels" | "members">;
/** Of what a task may have several. */
type Many = Pick<TaskExpanded, "assignee_ids" | "label_ids">;
type Named = Pick<Column, "name" | "mark" | "becomes"> & { wipLimit?: number | null };

const NONE = "none";
// The first day that belongs to no nearer group.
const LATER_DAYS = 8;

const made = new WeakMap<TaskGroup, { by: GroupBy; parts: Parts; column: Column }>();

/** A group that has not changed is the same column as before, which is not drawn again. */
export function columnsOf(by: GroupBy, groups: TaskGroups["groups"], parts: Parts): Column[] {
  return groups.map((group) => {
    const before = made.get(group);
    if (before?.by === by && isSame(before.parts, parts)) return before.column;
    const column = { wipLimit: null, ...named(by, group.key, parts), ...group };
    made.set(group, { by, parts, column });
    return column;
  });
}

function isSame(one: Parts, other: Parts): boolean {
  return one.statuses === other.statuses && one.labels === other.labels && one.members === other.members;
}

/** The board before its first answer: every status of the project, with nothing in it. */
export function emptyColumns(by: GroupBy, parts: Parts): Column[] {
  if (by !== "status") return [];
  const groups = parts.statuses.map(({ key }) => ({ key, count: 0, items: [], next_cursor: null }));
  return columnsOf(by, groups, parts);
}

function named(by: GroupBy, key: string, parts: Parts): Named {
  switch (by) {
    case "status": {
      const status = parts.statuses.find((one) => one.key === key);
      const becomes = () => ({ status: key });
      if (status === undefined) return { name: key, mark: null, becomes };
      return { name: status.name, mark: { status }, becomes, wipLimit: status.wip_limit };
    }
    case "priority": {
      const priority = key as Priority;
      return { name: texts.tasks.priorities[priority], mark: { priority }, becomes: () => ({ priority }) };
    }
    case "assignee": {
      const member = parts.members.find(({ user }) => user.id === key);
      const becomes = ({ assignee_ids: ids }: Many, from: string) => ({ assignee_ids: exchanged(ids, from, key) });
      if (key === NONE) return { name: texts.tasks.unassigned, mark: null, becomes };
      if (member === undefined) return { name: texts.common.someone, mark: null, becomes: null };
      return { name: personName(member.user), mark: { member }, becomes };
    }
    case "label": {
      const label = parts.labels.find(({ id }) => id === key);
      const becomes = ({ label_ids: ids }: Many, from: string) => ({ label_ids: exchanged(ids, from, key) });
      if (label === undefined) return { name: texts.board.noLabel, mark: null, becomes: key === NONE ? becomes : null };
      return { name: label.name, mark: { label }, becomes };
    }
    case "due":
      return { name: texts.board.due[key as DueIn], mark: null, becomes: dueBecomes(key as DueIn) };
  }
}

/** Out of one column and into another: whoever else does it, still does. In the column of nothing there is nothing. */
function exchanged(ids: readonly string[], from: string, to: string): string[] {
  return to === NONE ? [] : [...ids.filter((id) => id !== from && id !== to), to];
}

function dueBecomes(key: DueIn): Column["becomes"] {
  const days: Partial<Record<DueIn, number>> = { today: 0, next7days: 1, later: LATER_DAYS };
  if (key === NONE) return () => ({ due_on: null, due_at: null });
  const ahead = days[key];
  return ahead === undefined ? null : () => ({ due_on: addDays(today(), ahead) });
}

/** What a new card has that is added to a column. */
export function fieldsOfNew(column: Column): TaskUpdate {
  return column.becomes?.(NOTHING_YET, "") ?? {};
}

const NOTHING_YET = { assignee_ids: [], label_ids: [] };
