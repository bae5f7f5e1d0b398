/** What a template makes: a task with its checklist and its subtasks. */

import { Group, MultiSelect, NativeSelect, NumberInput, Textarea, TextInput } from "@mantine/core";
import { useState } from "react";

import { answer, api } from "@/api/client";
import type { Priority, ProjectRead, TaskTemplateRead, TaskTemplateUpdate } from "@/api/schema";
import { personName, PRIORITIES } from "@/features/tasks/pickers/choices";
import { texts } from "@/texts";
import { useWrite } from "@/ui/forms/useWrite";
import { WriteForm } from "@/ui/forms/WriteForm";

import { useProjectParts } from "../../queries";

const words = texts.automation.templates;

type Props = { project: ProjectRead; template?: TaskTemplateRead; onDone?: () => void };

export function TemplateForm({ project, template, onDone }: Props) {
  const { labels, members } = useProjectParts(project.key);
  const [name, setName] = useState(template?.name ?? "");
  const [title, setTitle] = useState(template?.title ?? "");
  const [description, setDescription] = useState(template?.description ?? "");
  const [priority, setPriority] = useState<Priority>(template?.priority ?? "none");
  const [dueIn, setDueIn] = useState<number | string>(template?.due_in_days ?? "");
  const [labelIds, setLabelIds] = useState(template?.label_ids ?? []);
  const [assigneeIds, setAssigneeIds] = useState(template?.assignee_ids ?? []);
  const [checklist, setChecklist] = useState((template?.checklist ?? []).join("\n"));
  const [subtasks, setSubtasks] = useState((template?.subtasks ?? []).join("\n"));
  const write = useWrite(
    (body: TaskTemplateUpdate & { name: string }) =>
      template === undefined
        ? answer(api.POST("/api/v1/projects/{project}/templates", { params: { path: { project: project.key } }, body }))
        : answer(
            api.PATCH("/api/v1/projects/{project}/templates/{template_id}", {
              params: { path: { project: project.key, template_id: template.id } },
              body,
            }),
          ),
    { stale: [["project", project.key, "templates"]], codes: { task_template_name_taken: "name" }, done: onDone },
  );
  const save = () =>
    write.send({
      name: name.trim(),
      ...(title.trim() === "" ? {} : { title: title.trim() }),
      description: description.trim() === "" ? null : description,
      priority,
      due_in_days: dueIn === "" ? null : Number(dueIn),
      label_ids: labelIds,
      assignee_ids: assigneeIds,
      checklist: lines(checklist),
      subtasks: lines(subtasks),
    });
  return (
    <WriteForm
      write={write}
      fields={["name", "title", "due_in_days"]}
      button={template === undefined ? words.add : texts.common.save}
      onSubmit={save}
    >
      <Group align="flex-start">
        <TextInput
          label={words.name}
          required
          value={name}
          onChange={(event) => setName(event.currentTarget.value)}
          error={write.about("name")}
        />
        <TextInput
          label={words.taskTitle}
          placeholder={words.titleHint}
          flex={1}
          miw={200}
          value={title}
          onChange={(event) => setTitle(event.currentTarget.value)}
          error={write.about("title")}
        />
        <NativeSelect
          label={words.priority}
          data={PRIORITIES.map((one) => ({ value: one, label: texts.tasks.priorities[one] }))}
          value={priority}
          onChange={(event) => setPriority(event.currentTarget.value as Priority)}
        />
        <NumberInput
          label={words.dueIn}
          w={130}
          min={0}
          max={3650}
          allowDecimal={false}
          hideControls
          value={dueIn}
          onChange={setDueIn}
          error={write.about("due_in_days")}
        />
      </Group>
      <Textarea
        label={words.description}
        autosize
        minRows={2}
        value={description}
        onChange={(event) => setDescription(event.currentTarget.value)}
      />
      <Group align="flex-start" grow>
        <MultiSelect
          label={words.labels}
          data={labels.map((label) => ({ value: label.id, label: label.name }))}
          value={labelIds}
          onChange={setLabelIds}
        />
        <MultiSelect
          label={words.assignees}
          data={members.map(({ user }) => ({ value: user.id, label: personName(user) }))}
          value={assigneeIds}
          onChange={setAssigneeIds}
        />
      </Group>
      <Group align="flex-start" grow>
        <Textarea
          label={words.checklist}
          placeholder={words.lines}
          autosize
          minRows={3}
          value={checklist}
          onChange={(event) => setChecklist(event.currentTarget.value)}
        />
        <Textarea
          label={words.subtasks}
          placeholder={words.lines}
          autosize
          minRows={3}
          value={subtasks}
          onChange={(event) => setSubtasks(event.currentTarget.value)}
        />
      </Group>
    </WriteForm>
  );
}

function lines(text: string): string[] {
  return text
    .split("\n")
    .map((line) => line.trim())
    .filter(Boolean);
}
