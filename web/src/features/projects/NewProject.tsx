/** The dialog that makes a project, and leads to its board. */

import { Button, Group, Modal, NativeSelect, Stack, Textarea, TextInput } from "@mantine/core";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { type SubmitEvent, useState } from "react";

import { answer, api } from "@/api/client";
import { Problem } from "@/api/problems";
import type { ProjectCreate } from "@/api/schema";
import { texts } from "@/texts";
import { messageOf } from "@/ui/toasts";

import { templatesQuery } from "./queries";

const words = texts.projects;

export function NewProject({ opened, onClose }: { opened: boolean; onClose: () => void }) {
  return (
    <Modal opened={opened} onClose={onClose} title={words.new}>
      <NewProjectForm onDone={onClose} />
    </Modal>
  );
}

function NewProjectForm({ onDone }: { onDone: () => void }) {
  const [name, setName] = useState("");
  const [key, setKey] = useState<string | null>(null);
  const [description, setDescription] = useState("");
  const [template, setTemplate] = useState("");
  const templates = useQuery(templatesQuery).data ?? [];
  const client = useQueryClient();
  const navigate = useNavigate();
  const create = useMutation({
    meta: { quiet: true },
    mutationFn: (body: ProjectCreate) => answer(api.POST("/api/v1/projects", { body })),
    onSuccess: async (project) => {
      await client.invalidateQueries({ queryKey: ["projects"] });
      onDone();
      await navigate({ to: "/projects/$project/board", params: { project: project.key } });
    },
  });
  const problem = create.error instanceof Problem ? create.error : null;
  const shownKey = key ?? suggestedKey(name);
  const keyFault = problem?.about("key") ?? (problem?.code === "project_key_taken" ? problem.detail : undefined);
  const general =
    create.error !== null && keyFault === undefined && problem?.about("name") === undefined
      ? messageOf(create.error)
      : undefined;

  const submit = (event: SubmitEvent) => {
    event.preventDefault();
    create.mutate({
      name: name.trim(),
      key: shownKey,
      ...(template === "" ? {} : { template }),
      ...(description.trim() === "" ? {} : { description: description.trim() }),
    });
  };

  return (
    <form onSubmit={submit}>
      <Stack>
        <TextInput
          label={words.name}
          required
          value={name}
          onChange={(event) => setName(event.currentTarget.value)}
          error={problem?.about("name")}
          data-autofocus
        />
        <TextInput
          label={words.key}
          description={words.keyHint(shownKey === "" ? "WEB" : shownKey)}
          required
          value={shownKey}
          onChange={(event) => setKey(event.currentTarget.value.toUpperCase())}
          error={keyFault}
          maxLength={10}
        />
        {templates.length > 0 && (
          <NativeSelect
            label={words.template}
            data={[
              { value: "", label: words.noTemplate },
              ...templates.map((project) => ({ value: project.key, label: project.name })),
            ]}
            value={template}
            onChange={(event) => setTemplate(event.currentTarget.value)}
          />
        )}
        <Textarea
          label={words.description}
          autosize
          minRows={2}
          value={description}
          onChange={(event) => setDescription(event.currentTarget.value)}
          error={general}
        />
        <Group justify="flex-end">
          <Button type="submit" loading={create.isPending}>
            {words.create}
          </Button>
        </Group>
      </Stack>
    </form>
  );
}

/** "Web shop" → WS, "Website" → WEBSIT: what people would choose themselves. */
function suggestedKey(name: string): string {
  const parts = name
    .normalize("NFKD")
    .toUpperCase()
    .replace(/[^A-Z0-9 ]/g, "")
    .split(" ")
    .filter(Boolean);
  const key = parts.length > 1 ? parts.map((part) => part[0]).join("") : (parts[0] ?? "");
  return key.replace(/^[0-9]+/, "").slice(0, 6);
}
