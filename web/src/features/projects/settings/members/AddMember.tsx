/** Brings in somebody who has an account already. */

import { Group, TextInput } from "@mantine/core";
import { useState } from "react";

import { answer, api } from "@/api/client";
import type { ProjectRead, ProjectRole } from "@/api/schema";
import { texts } from "@/texts";
import { Section } from "@/ui/forms/Section";
import { useWrite } from "@/ui/forms/useWrite";
import { WriteForm } from "@/ui/forms/WriteForm";

import { RoleSelect } from "./RoleSelect";

const words = texts.projectSettings.members;

export function AddMember({ project }: { project: ProjectRead }) {
  const [username, setUsername] = useState("");
  const [role, setRole] = useState<ProjectRole>("editor");
  const write = useWrite(
    () =>
      answer(
        api.POST("/api/v1/projects/{project}/members", {
          params: { path: { project: project.key } },
          body: { username: username.trim().replace(/^@/, ""), role },
        }),
      ),
    {
      stale: [["project", project.key, "members"]],
      codes: { already_member: "username" },
      done: () => setUsername(""),
    },
  );
  return (
    <Section title={words.add}>
      <WriteForm write={write} fields={["username"]} button={words.addButton} onSubmit={() => write.send()}>
        <Group align="flex-start">
          <TextInput
            label={words.username}
            required
            value={username}
            onChange={(event) => setUsername(event.currentTarget.value)}
            error={write.about("username")}
          />
          <RoleSelect name={{ label: words.role }} project={project} value={role} onChange={setRole} />
        </Group>
      </WriteForm>
    </Section>
  );
}
