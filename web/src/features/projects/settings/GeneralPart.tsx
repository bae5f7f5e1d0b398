/** What a project is called, how it looks, and what its tasks begin with. */

import { Checkbox, Group, MultiSelect, NativeSelect, Textarea, TextInput } from "@mantine/core";
import { useState } from "react";

import { answer, api } from "@/api/client";
import type { EstimateUnit, ProjectRead, ProjectUpdate } from "@/api/schema";
import { personName, PRIORITIES } from "@/features/tasks/pickers/choices";
import { texts } from "@/texts";
import { Section } from "@/ui/forms/Section";
import { useWrite } from "@/ui/forms/useWrite";
import { WriteForm } from "@/ui/forms/WriteForm";
import { tell } from "@/ui/toasts";

import { may, useProjectParts } from "../queries";
import { Archive } from "./Archive";
import { NameField } from "./NameField";

const words = texts.projectSettings.general;
const UNITS = (Object.keys(words.units) as EstimateUnit[]).map((value) => ({ value, label: words.units[value] }));
const NO_COLOR = "#868e96";

export default function GeneralPart({ project }: { project: ProjectRead }) {
  return (
    <>
      {may(project, "admin") && <General project={project} />}
      <Archive project={project} />
    </>
  );
}

function General({ project }: { project: ProjectRead }) {
  const { statuses, members, labels } = useProjectParts(project.key);
  const [begun, setBegun] = useState(() => draftOf(project));
  const [draft, setDraft] = useState(begun);
  const set = (part: Partial<Draft>) => setDraft((before) => ({ ...before, ...part }));
  const setDefaults = (part: Partial<Draft["defaults"]>) =>
    setDraft((before) => ({ ...before, defaults: { ...before.defaults, ...part } }));
  const write = useWrite(
    (body: ProjectUpdate) =>
      answer(api.PATCH("/api/v1/projects/{project}", { params: { path: { project: project.key } }, body })),
    {
      stale: [["project", project.key], ["projects"]],
      done: (now) => {
        setBegun(draftOf(now));
        tell(texts.common.saved);
      },
    },
  );
  const { defaults } = draft;

  return (
    <Section title={words.title}>
      <WriteForm
        write={write}
        fields={["name", "description"]}
        button={texts.common.save}
        onSubmit={() => write.send(changed(begun, draft))}
      >
        <Group align="flex-start">
          <NameField flex={1} maw={420} value={draft.name} onChange={(name) => set({ name })} write={write} />
          <TextInput w={130} label={texts.projects.key} title={words.keyHint} value={project.key} readOnly />
          <TextInput
            type="color"
            w={70}
            label={words.color}
            value={draft.color ?? NO_COLOR}
            onChange={(event) => set({ color: event.currentTarget.value })}
          />
        </Group>
        <Textarea
          maw={640}
          label={texts.projects.description}
          autosize
          minRows={2}
          maxRows={12}
          value={draft.description}
          onChange={(event) => set({ description: event.currentTarget.value })}
          error={write.about("description")}
        />
        <NativeSelect
          maw={220}
          label={words.unit}
          data={UNITS}
          value={draft.estimate_unit}
          onChange={(event) => set({ estimate_unit: event.currentTarget.value as EstimateUnit })}
        />
        <Checkbox
          label={words.template}
          checked={draft.is_template}
          onChange={(event) => set({ is_template: event.currentTarget.checked })}
        />
        <Section title={words.defaults} order={3}>
          <Group align="flex-start">
            <NativeSelect
              label={words.status}
              data={[
                { value: "", label: words.first },
                ...statuses.map((one) => ({ value: one.key, label: one.name })),
              ]}
              value={defaults.status ?? ""}
              onChange={(event) => setDefaults({ status: event.currentTarget.value || null })}
            />
            <NativeSelect
              label={words.priority}
              data={PRIORITIES.map((one) => ({ value: one, label: texts.tasks.priorities[one] }))}
              value={defaults.priority ?? "none"}
              onChange={(event) => setDefaults({ priority: priorityIn(event.currentTarget.value) })}
            />
            <MultiSelect
              w={260}
              label={words.assignees}
              data={members.map(({ user }) => ({ value: user.id, label: personName(user) }))}
              value={defaults.assignee_ids}
              onChange={(ids) => setDefaults({ assignee_ids: ids })}
            />
            <MultiSelect
              w={260}
              label={words.labels}
              data={labels.map((label) => ({ value: label.id, label: label.name }))}
              value={defaults.label_ids}
              onChange={(ids) => setDefaults({ label_ids: ids })}
            />
          </Group>
        </Section>
      </WriteForm>
    </Section>
  );
}

function draftOf({ name, description, color, estimate_unit, is_template, defaults }: ProjectRead) {
  return {
    name,
    description: description ?? "",
    color,
    estimate_unit,
    is_template,
    defaults: {
      status: defaults.status ?? null,
      priority: defaults.priority ?? null,
      assignee_ids: defaults.assignee_ids ?? [],
      label_ids: defaults.label_ids ?? [],
    },
  };
}

type Draft = ReturnType<typeof draftOf>;

/** Only what was changed here: what somebody else has changed meanwhile stays. */
function changed(begun: Draft, draft: Draft): ProjectUpdate {
  const tidy = { ...draft, name: draft.name.trim(), description: draft.description.trim() };
  const fields = Object.entries(tidy).filter(
    ([field, value]) => JSON.stringify(value) !== JSON.stringify(begun[field as keyof Draft]),
  );
  const body: ProjectUpdate = Object.fromEntries(fields);
  return body.description === "" ? { ...body, description: null } : body;
}

function priorityIn(value: string): Draft["defaults"]["priority"] {
  const found = PRIORITIES.find((one) => one === value);
  return found === "none" ? null : (found ?? null);
}
