/** The labels of a project, with their names and colours. */

import { Group, TextInput } from "@mantine/core";
import { useState } from "react";

import { answer, api } from "@/api/client";
import type { LabelRead, LabelUpdate, ProjectRead } from "@/api/schema";
import { texts } from "@/texts";
import { InlineText } from "@/ui/forms/InlineText";
import { Rows } from "@/ui/forms/Rows";
import { Section } from "@/ui/forms/Section";
import { useWrite } from "@/ui/forms/useWrite";
import { WriteForm } from "@/ui/forms/WriteForm";

import { useProjectParts } from "../queries";
import { ColorField } from "./ColorField";
import { DeleteButton } from "./DeleteButton";
import { takeBack, useDeletion } from "./deletion";
import { NameField } from "./NameField";

const words = texts.projectSettings.labels;
const FIRST_COLOR = "#1971c2";

export default function LabelsPart({ project }: { project: ProjectRead }) {
  const { labels } = useProjectParts(project.key);
  const path = (id: string) => ({ params: { path: { project: project.key, label_id: id } } });
  const change = useWrite(
    ({ id, ...body }: LabelUpdate & { id: string }) =>
      answer(api.PATCH("/api/v1/projects/{project}/labels/{label_id}", { ...path(id), body })),
    { loud: true, stale: [["project", project.key, "labels"]] },
  );
  const deletion = useDeletion<LabelRead>({
    project: project.key,
    part: "labels",
    remove: ({ id }) => answer(api.DELETE("/api/v1/projects/{project}/labels/{label_id}", path(id))),
    restore: ({ id }) => takeBack(project.key, "label.deleted", id),
    said: ({ name }) => texts.projectSettings.deleted(name),
  });
  return (
    <Section title={words.title}>
      <Rows label={words.list} items={labels} none={words.none}>
        {(label) => (
          <Group gap="xs" wrap="nowrap">
            <ColorField
              label={words.colorOf(label.name)}
              value={label.color}
              onSave={(color) => change.send({ id: label.id, color })}
            />
            <div style={{ flex: 1 }}>
              <InlineText
                label={words.nameOf(label.name)}
                value={label.name}
                required
                onSave={(name) => change.save({ id: label.id, name })}
              />
            </div>
            <DeleteButton label={texts.projectSettings.deleteOf(label.name)} onClick={() => deletion.remove(label)} />
          </Group>
        )}
      </Rows>
      <NewLabel project={project} />
    </Section>
  );
}

function NewLabel({ project }: { project: ProjectRead }) {
  const [name, setName] = useState("");
  const [color, setColor] = useState(FIRST_COLOR);
  const write = useWrite(
    () =>
      answer(
        api.POST("/api/v1/projects/{project}/labels", {
          params: { path: { project: project.key } },
          body: { name: name.trim(), color },
        }),
      ),
    {
      stale: [["project", project.key, "labels"]],
      codes: { label_name_taken: "name" },
      done: () => setName(""),
    },
  );
  return (
    <WriteForm write={write} fields={["name"]} button={words.add} onSubmit={() => write.send()}>
      <Group align="flex-start">
        <NameField value={name} onChange={setName} write={write} />
        <TextInput
          type="color"
          w={70}
          label={words.color}
          value={color}
          onChange={(event) => setColor(event.currentTarget.value)}
        />
      </Group>
    </WriteForm>
  );
}
