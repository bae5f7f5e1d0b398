/** Another field of the tasks of a project. */

import { Checkbox, Group, NativeSelect, Textarea, TextInput } from "@mantine/core";
import { useState } from "react";

import { answer, api } from "@/api/client";
import type { FieldCreate, FieldType, ProjectRead } from "@/api/schema";
import { texts } from "@/texts";
import { useWrite } from "@/ui/forms/useWrite";
import { WriteForm } from "@/ui/forms/WriteForm";

import { keyOf } from "../keyOf";
import { NameField } from "../NameField";

const words = texts.projectSettings.fields;
const TYPES = (Object.keys(words.types) as FieldType[]).map((value) => ({ value, label: words.types[value] }));

export function NewField({ project }: { project: ProjectRead }) {
  const [name, setName] = useState("");
  const [key, setKey] = useState<string | null>(null);
  const [type, setType] = useState<FieldType>("text");
  const [options, setOptions] = useState("");
  const [required, setRequired] = useState(false);
  const hasOptions = type === "select" || type === "multi_select";
  const shownKey = key ?? (name === "" ? "" : keyOf(name));
  const write = useWrite(
    (body: FieldCreate) =>
      answer(api.POST("/api/v1/projects/{project}/fields", { params: { path: { project: project.key } }, body })),
    {
      stale: [["project", project.key, "fields"]],
      codes: { field_key_taken: "key" },
      done: () => {
        setName("");
        setKey(null);
        setOptions("");
      },
    },
  );
  const create = () => {
    const lines = options.split("\n").map((line) => line.trim());
    write.send({
      name: name.trim(),
      key: shownKey,
      type,
      required,
      ...(hasOptions ? { options: lines.filter(Boolean).map((line) => ({ name: line })) } : {}),
    });
  };
  return (
    <WriteForm write={write} fields={["name", "key", "options"]} button={words.add} onSubmit={create}>
      <Group align="flex-start">
        <NameField value={name} onChange={setName} write={write} />
        <TextInput
          label={texts.projects.key}
          title={words.keyHint}
          required
          value={shownKey}
          onChange={(event) => setKey(event.currentTarget.value)}
          error={write.about("key")}
        />
        <NativeSelect
          label={words.type}
          data={TYPES}
          value={type}
          onChange={(event) => setType(event.currentTarget.value as FieldType)}
        />
        {hasOptions && (
          <Textarea
            label={words.options}
            placeholder={words.optionsHint}
            required
            autosize
            minRows={3}
            value={options}
            onChange={(event) => setOptions(event.currentTarget.value)}
            error={write.about("options")}
          />
        )}
      </Group>
      <Checkbox
        label={words.required}
        checked={required}
        onChange={(event) => setRequired(event.currentTarget.checked)}
      />
    </WriteForm>
  );
}
