/** The fields that have no key and no button of their own in the bulk bar: plans, estimates, and those of the project. */

import { useQueries } from "@tanstack/react-query";
import { createElement } from "react";

import type { BulkPatch, FieldRead } from "@/api/schema";
import { cyclesQuery, milestonesQuery, useProjectParts } from "@/features/projects/queries";
import { texts } from "@/texts";

import type { Choice } from "../pickers/ChoicePopover";
import { LabelDot, peopleChoices } from "../pickers/choices";

export type Value = string | number | boolean | string[] | null;
export type OtherField = {
  id: string;
  name: string;
  /** How a value of it is put in. */
  kind: "date" | "number" | "text" | "url" | "checkbox" | "one" | "many";
  choices: Choice[];
  patch: (value: Value) => BulkPatch;
};

const words = texts.task.fields;

export function useOtherFields(project: string): OtherField[] {
  const { fields, members } = useProjectParts(project);
  const [milestones, cycles] = useQueries({ queries: [milestonesQuery(project), cyclesQuery(project)] });
  const named = (list: readonly { id: string; name: string }[] | undefined): Choice[] =>
    (list ?? []).map(({ id, name }) => ({ value: id, label: name }));
  const plans: OtherField[] = [
    {
      id: "milestone",
      name: words.milestone,
      kind: "one",
      choices: named(milestones.data?.filter(({ closed }) => !closed)),
      patch: (id) => ({ milestone_id: textOf(id) }),
    },
    {
      id: "cycle",
      name: words.cycle,
      kind: "one",
      choices: named(cycles.data),
      patch: (id) => ({ cycle_id: textOf(id) }),
    },
  ];
  return [
    { id: "start", name: words.start, kind: "date", choices: [], patch: (day) => ({ start_on: textOf(day) }) },
    {
      id: "estimate",
      name: words.estimate,
      kind: "number",
      choices: [],
      patch: (estimate) => ({ estimate: typeof estimate === "number" ? estimate : null }),
    },
    ...plans.filter(({ choices }) => choices.length > 0),
    ...fields.map((field) => ({
      id: field.id,
      name: field.name,
      kind: kindOf(field),
      choices: field.type === "user" ? peopleChoices(members) : optionsOf(field),
      patch: (value: Value) => ({ fields: { [field.key]: value } }),
    })),
  ];
}

function kindOf({ type }: FieldRead): OtherField["kind"] {
  switch (type) {
    case "select":
    case "user":
      return "one";
    case "multi_select":
      return "many";
    default:
      return type;
  }
}

function optionsOf(field: FieldRead): Choice[] {
  return field.options.map(({ key, name, color }) => ({
    value: key,
    label: name,
    icon: color === null ? undefined : createElement(LabelDot, { color }),
  }));
}

function textOf(value: Value): string | null {
  return typeof value === "string" ? value : null;
}
