/** How much a task is thought to be, in the unit of its project. */

import { Text } from "@mantine/core";

import type { TaskUpdate } from "@/api/schema";
import { showNumber } from "@/format/dates";
import { texts } from "@/texts";

import { useOpenTask } from "../openTask";
import { FieldRow } from "./FieldRow";
import { numberFault, numberOf } from "./numbers";
import { SavedInput } from "./SavedInput";

const words = texts.task.fields;

export function Estimate({ set }: { set: (patch: TaskUpdate) => Promise<unknown> }) {
  const { task, project, mayWrite } = useOpenTask();
  const unit = words.units[project.estimate_unit];
  return (
    <FieldRow label={words.estimate}>
      {mayWrite ? (
        <SavedInput
          label={words.estimateIn(unit)}
          inputMode="decimal"
          suffix={unit}
          value={task.estimate === null ? "" : String(task.estimate)}
          fault={numberFault}
          onSave={(text) => set({ estimate: numberOf(text) })}
        />
      ) : (
        <Text size="sm">{task.estimate === null ? texts.common.none : `${showNumber(task.estimate)} ${unit}`}</Text>
      )}
    </FieldRow>
  );
}
