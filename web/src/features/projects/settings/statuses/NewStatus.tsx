/** Another column at the right end of the board. */

import { Group, NativeSelect } from "@mantine/core";
import { useState } from "react";

import { answer, api } from "@/api/client";
import type { ProjectRead, StatusCategory } from "@/api/schema";
import { texts } from "@/texts";
import { useWrite } from "@/ui/forms/useWrite";
import { WriteForm } from "@/ui/forms/WriteForm";

import { keyOf } from "../keyOf";
import { NameField } from "../NameField";

const words = texts.projectSettings.statuses;
const CATEGORIES = (Object.keys(texts.tasks.categories) as StatusCategory[]).map((value) => ({
  value,
  label: texts.tasks.categories[value],
}));

export function NewStatus({ project }: { project: ProjectRead }) {
  const [name, setName] = useState("");
  const [category, setCategory] = useState<StatusCategory>("started");
  const write = useWrite(
    () =>
      answer(
        api.POST("/api/v1/projects/{project}/statuses", {
          params: { path: { project: project.key } },
          body: { key: keyOf(name), name: name.trim(), category },
        }),
      ),
    {
      stale: [
        ["project", project.key, "statuses"],
        ["tasks", project.key],
      ],
      codes: { status_key_taken: "name" },
      done: () => setName(""),
    },
  );
  return (
    <WriteForm write={write} fields={["name"]} button={words.add} onSubmit={() => write.send()}>
      <Group align="flex-start">
        <NameField value={name} onChange={setName} write={write} />
        <NativeSelect
          label={words.category}
          data={CATEGORIES}
          value={category}
          onChange={(event) => setCategory(event.currentTarget.value as StatusCategory)}
        />
      </Group>
    </WriteForm>
  );
}
