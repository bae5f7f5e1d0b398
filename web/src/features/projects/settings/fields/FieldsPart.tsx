/** The custom fields of a project's tasks. */

import { Badge, Checkbox, Group, Stack } from "@mantine/core";

import { answer, api } from "@/api/client";
import type { FieldRead, FieldUpdate, ProjectRead } from "@/api/schema";
import { texts } from "@/texts";
import { InlineText } from "@/ui/forms/InlineText";
import { Rows } from "@/ui/forms/Rows";
import { Section } from "@/ui/forms/Section";
import { useWrite } from "@/ui/forms/useWrite";

import { useProjectParts } from "../../queries";
import { DeleteButton } from "../DeleteButton";
import { takeBack, useDeletion } from "../deletion";
import { FieldOptions } from "./FieldOptions";
import { NewField } from "./NewField";

const words = texts.projectSettings.fields;

export default function FieldsPart({ project }: { project: ProjectRead }) {
  const { fields } = useProjectParts(project.key);
  const path = (id: string) => ({ params: { path: { project: project.key, field_id: id } } });
  const change = useWrite(
    ({ id, ...body }: FieldUpdate & { id: string }) =>
      answer(api.PATCH("/api/v1/projects/{project}/fields/{field_id}", { ...path(id), body })),
    { loud: true, stale: [["project", project.key, "fields"]] },
  );
  const deletion = useDeletion<FieldRead>({
    project: project.key,
    part: "fields",
    remove: ({ id }) => answer(api.DELETE("/api/v1/projects/{project}/fields/{field_id}", path(id))),
    restore: ({ id }) => takeBack(project.key, "field.deleted", id),
    said: ({ name }) => texts.projectSettings.deleted(name),
  });
  return (
    <Section title={words.title} text={words.text}>
      <Rows label={words.list} items={fields} none={words.none}>
        {(field) => (
          <Stack gap="xs">
            <Group gap="xs">
              <div style={{ flex: "1 1 160px" }}>
                <InlineText
                  label={words.nameOf(field.name)}
                  value={field.name}
                  required
                  onSave={(name) => change.save({ id: field.id, name })}
                />
              </div>
              <Badge variant="default" tt="none">
                {words.types[field.type]}
              </Badge>
              <Checkbox
                label={words.required}
                aria-label={words.requiredOf(field.name)}
                checked={field.required}
                onChange={(event) => change.send({ id: field.id, required: event.currentTarget.checked })}
              />
              <DeleteButton label={texts.projectSettings.deleteOf(field.name)} onClick={() => deletion.remove(field)} />
            </Group>
            {(field.type === "select" || field.type === "multi_select") && (
              <FieldOptions field={field} save={(options) => change.save({ id: field.id, options })} />
            )}
          </Stack>
        )}
      </Rows>
      <NewField project={project} />
    </Section>
  );
}
