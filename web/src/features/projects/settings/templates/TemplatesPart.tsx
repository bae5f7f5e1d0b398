/** Tasks that are made again and again. */

import { Button, Group, Stack, Text } from "@mantine/core";
import { queryOptions, useSuspenseQuery } from "@tanstack/react-query";
import { useState } from "react";

import { answer, api } from "@/api/client";
import type { ProjectRead, TaskTemplateCreate, TaskTemplateRead } from "@/api/schema";
import { texts } from "@/texts";
import { Rows } from "@/ui/forms/Rows";
import { Section } from "@/ui/forms/Section";
import { useWrite } from "@/ui/forms/useWrite";
import { tell } from "@/ui/toasts";

import { DeleteButton } from "../DeleteButton";
import { useDeletion } from "../deletion";
import { TemplateForm } from "./TemplateForm";

const words = texts.automation.templates;

const templatesQuery = (project: string) =>
  queryOptions({
    queryKey: ["project", project, "templates"],
    queryFn: async () =>
      (
        await answer(
          api.GET("/api/v1/projects/{project}/templates", { params: { path: { project }, query: { limit: 200 } } }),
        )
      ).items,
  });

export default function TemplatesPart({ project }: { project: ProjectRead }) {
  const { data: templates } = useSuspenseQuery(templatesQuery(project.key));
  const [open, setOpen] = useState<string | null>(null);
  const path = (id: string) => ({ params: { path: { project: project.key, template_id: id } } });
  const apply = useWrite(
    (id: string) =>
      answer(api.POST("/api/v1/projects/{project}/templates/{template_id}/apply", { ...path(id), body: {} })),
    { loud: true, stale: [["tasks", project.key]], done: ({ key }) => tell(words.made(key)) },
  );
  const deletion = useDeletion<TaskTemplateRead>({
    project: project.key,
    part: "templates",
    remove: ({ id }) => answer(api.DELETE("/api/v1/projects/{project}/templates/{template_id}", path(id))),
    // The log does not give templates back: it is made again as it was.
    restore: (template) =>
      answer(
        api.POST("/api/v1/projects/{project}/templates", {
          params: { path: { project: project.key } },
          body: contentOf(template),
        }),
      ),
    said: ({ name }) => texts.projectSettings.deleted(name),
  });
  return (
    <Section title={words.title} text={words.text}>
      <Rows label={words.list} items={templates} none={words.none}>
        {(template) => (
          <Stack gap="xs">
            <Group justify="space-between">
              <Stack gap={0}>
                <Text>{template.name}</Text>
                <Text size="sm" c="dimmed">
                  {template.title}
                </Text>
              </Stack>
              <Group gap="xs">
                <Button
                  size="compact-sm"
                  variant="default"
                  aria-label={words.useOf(template.name)}
                  loading={apply.sending === template.id}
                  onClick={() => apply.send(template.id)}
                >
                  {words.use}
                </Button>
                <Button
                  size="compact-sm"
                  variant="default"
                  aria-label={words.editOf(template.name)}
                  aria-expanded={open === template.id}
                  onClick={() => setOpen(open === template.id ? null : template.id)}
                >
                  {texts.common.edit}
                </Button>
                <DeleteButton
                  label={texts.projectSettings.deleteOf(template.name)}
                  onClick={() => deletion.remove(template)}
                />
              </Group>
            </Group>
            {open === template.id && (
              <TemplateForm project={project} template={template} onDone={() => setOpen(null)} />
            )}
          </Stack>
        )}
      </Rows>
      {open === null && <TemplateForm key={templates.length} project={project} />}
    </Section>
  );
}

function contentOf(template: TaskTemplateRead): TaskTemplateCreate {
  const { name, title, description, priority, estimate, due_in_days, fields, checklist, subtasks } = template;
  const { assignee_ids, label_ids } = template;
  return {
    ...{ name, title, description, priority, estimate, due_in_days, fields, checklist, subtasks },
    ...{ assignee_ids, label_ids },
  };
}
