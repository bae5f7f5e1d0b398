/** Values of the change log in words: the log has ids and keys, people have names. */

import { useQueries } from "@tanstack/react-query";

import type { Priority } from "@/api/schema";
import { cyclesQuery, milestonesQuery, type ProjectParts } from "@/features/projects/queries";
import { personName } from "@/features/tasks/pickers/choices";
import { showDay, showDuration, showInstant, showNumber } from "@/format/dates";
import { texts } from "@/texts";

const words = texts.activity;

export type Naming = {
  person: (id: string | null) => string;
  value: (field: string, value: unknown) => string;
  /** The name of a custom field. */
  field: (key: string) => string;
};

type Named = { id: string; name: string };

export function useNaming({ project, statuses, labels, members, fields }: ProjectParts): Naming {
  const [milestones, cycles] = useQueries({ queries: [milestonesQuery(project.key), cyclesQuery(project.key)] });
  const person = (id: string | null) => {
    if (id === null) return words.service;
    const user = members.find((member) => member.user.id === id)?.user;
    return user === undefined ? texts.common.someone : personName(user);
  };
  const named = (list: readonly Named[], id: string) => list.find((one) => one.id === id)?.name ?? words.gone;
  const single = (field: string, value: string): string => {
    switch (field) {
      case "status":
        return statuses.find((status) => status.key === value)?.name ?? value;
      case "priority":
        return isPriority(value) ? texts.tasks.priorities[value] : value;
      case "assignee_ids":
      case "user_id":
      case "mentions":
        return person(value);
      case "label_ids":
        return named(labels, value);
      case "milestone_id":
        return named(milestones.data ?? [], value);
      case "cycle_id":
        return named(cycles.data ?? [], value);
      case "parent_id":
        return words.anotherTask;
      default:
        return plain(value, fields.find((one) => one.key === field)?.options ?? [], person);
    }
  };
  const value = (field: string, given: unknown): string => {
    if (given === null || given === undefined || given === "") return texts.common.none;
    if (Array.isArray(given)) {
      const parts = given.filter((one) => typeof one === "string").map((one) => single(field, one));
      return parts.length === 0 ? texts.common.none : parts.join(", ");
    }
    if (typeof given === "boolean") return given ? words.yes : words.no;
    if (typeof given === "number") return field === "seconds" ? showDuration(given) : showNumber(given);
    if (typeof given === "object")
      return "rule" in given && typeof given.rule === "string" ? given.rule : words.something;
    return typeof given === "string" ? single(field, given) : words.something;
  };
  return { person, value, field: (key) => fields.find((one) => one.key === key)?.name ?? key };
}

function plain(
  text: string,
  options: readonly { key: string; name: string }[],
  person: (id: string) => string,
): string {
  const option = options.find((one) => one.key === text);
  if (option !== undefined) return option.name;
  if (/^\d{4}-\d{2}-\d{2}$/.test(text)) return showDay(text);
  if (/^\d{4}-\d{2}-\d{2}T[\d:.]+Z$/.test(text)) return showInstant(text);
  return /^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f-]{22}$/.test(text) ? person(text) : text;
}

function isPriority(value: string): value is Priority {
  return value in texts.tasks.priorities;
}
