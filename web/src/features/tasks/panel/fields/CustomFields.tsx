/** The fields that a project has given its tasks. */

import { useOpenTask } from "../openTask";
import { CustomValue } from "./CustomValue";
import { FieldRow } from "./FieldRow";

export function CustomFields({ set }: { set: (fields: Record<string, unknown>) => Promise<unknown> }) {
  const { task, fields } = useOpenTask();
  return fields.map((field) => (
    <FieldRow key={field.id} label={field.name}>
      <CustomValue
        field={field}
        value={task.fields[field.key] ?? null}
        onChange={(value) => set({ [field.key]: value })}
      />
    </FieldRow>
  ));
}
