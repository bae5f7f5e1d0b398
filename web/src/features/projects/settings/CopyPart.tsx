/** Another project that is set up as this one is. */

import { Checkbox, TextInput } from "@mantine/core";
import { useNavigate } from "@tanstack/react-router";
import { useState } from "react";

import { answer, api } from "@/api/client";
import type { ProjectDuplicate, ProjectRead } from "@/api/schema";
import { texts } from "@/texts";
import { Section } from "@/ui/forms/Section";
import { useWrite } from "@/ui/forms/useWrite";
import { WriteForm } from "@/ui/forms/WriteForm";
import { NameField } from "./NameField";

const words = texts.projectSettings.copy;

export default function CopyPart({ project }: { project: ProjectRead }) {
  const [name, setName] = useState(words.nameOf(project.name));
  const [key, setKey] = useState(`${project.key.slice(0, 9)}2`);
  const [withTasks, setWithTasks] = useState(true);
  const navigate = useNavigate();
  const write = useWrite(
    (body: ProjectDuplicate) =>
      answer(api.POST("/api/v1/projects/{project}/duplicate", { params: { path: { project: project.key } }, body })),
    {
      stale: [["projects"]],
      codes: { project_key_taken: "key" },
      done: (made) => navigate({ to: "/projects/$project/board", params: { project: made.key } }),
    },
  );
  return (
    <Section title={words.title} text={words.text}>
      <WriteForm
        write={write}
        fields={["name", "key"]}
        button={words.button}
        onSubmit={() => write.send({ name: name.trim(), key, include_tasks: withTasks })}
      >
        <NameField maw={420} value={name} onChange={setName} write={write} />
        <TextInput
          maw={160}
          label={texts.projects.key}
          required
          maxLength={10}
          value={key}
          onChange={(event) => setKey(event.currentTarget.value.toUpperCase())}
          error={write.about("key")}
        />
        <Checkbox
          label={words.tasks}
          checked={withTasks}
          onChange={(event) => setWithTasks(event.currentTarget.checked)}
        />
      </WriteForm>
    </Section>
  );
}
