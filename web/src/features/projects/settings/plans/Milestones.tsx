/** What shall be reached, and by when. */

import { Checkbox, Group, Text, TextInput } from "@mantine/core";
import { useSuspenseQuery } from "@tanstack/react-query";
import { useState } from "react";

import { answer, api } from "@/api/client";
import type { MilestoneCreate, MilestoneRead, MilestoneUpdate, ProjectRead } from "@/api/schema";
import { texts } from "@/texts";
import { InlineText } from "@/ui/forms/InlineText";
import { Rows } from "@/ui/forms/Rows";
import { Section } from "@/ui/forms/Section";
import { useWrite } from "@/ui/forms/useWrite";
import { WriteForm } from "@/ui/forms/WriteForm";

import { milestonesQuery } from "../../queries";
import { DeleteButton } from "../DeleteButton";
import { takeBack, useDeletion } from "../deletion";
import { DayField } from "./DayField";
import { NameField } from "../NameField";

const words = texts.projectSettings.plans;

export function Milestones({ project }: { project: ProjectRead }) {
  const { data: milestones } = useSuspenseQuery(milestonesQuery(project.key));
  const path = (id: string) => ({ params: { path: { project: project.key, milestone_id: id } } });
  const change = useWrite(
    ({ id, ...body }: MilestoneUpdate & { id: string }) =>
      answer(api.PATCH("/api/v1/projects/{project}/milestones/{milestone_id}", { ...path(id), body })),
    { loud: true, stale: [milestonesQuery(project.key).queryKey] },
  );
  const deletion = useDeletion<MilestoneRead>({
    project: project.key,
    part: "milestones",
    remove: ({ id }) => answer(api.DELETE("/api/v1/projects/{project}/milestones/{milestone_id}", path(id))),
    restore: ({ id }) => takeBack(project.key, "milestone.deleted", id),
    said: ({ name }) => texts.projectSettings.deleted(name),
  });
  return (
    <Section title={words.milestones} text={words.milestonesText}>
      <Rows label={words.milestones} items={milestones} none={words.noMilestones}>
        {({ id, name, due_on, closed, progress }, index) => (
          <Group gap="xs">
            <div style={{ flex: "1 1 180px" }}>
              <InlineText
                label={words.milestoneOf(name)}
                value={name}
                required
                onSave={(typed) => change.save({ id, name: typed })}
              />
            </div>
            <DayField label={words.dueOf(name)} value={due_on} onSave={(day) => change.save({ id, due_on: day })} />
            <Text size="sm" c="dimmed">
              {words.progress(progress.done, progress.total)}
            </Text>
            <Checkbox
              label={words.closed}
              aria-label={words.closedOf(name)}
              checked={closed}
              onChange={(event) => change.send({ id, closed: event.currentTarget.checked })}
            />
            <DeleteButton
              label={texts.projectSettings.deleteOf(name)}
              onClick={() => milestones[index] !== undefined && deletion.remove(milestones[index])}
            />
          </Group>
        )}
      </Rows>
      <NewMilestone project={project} />
    </Section>
  );
}

function NewMilestone({ project }: { project: ProjectRead }) {
  const [name, setName] = useState("");
  const [due, setDue] = useState("");
  const write = useWrite(
    (body: MilestoneCreate) =>
      answer(api.POST("/api/v1/projects/{project}/milestones", { params: { path: { project: project.key } }, body })),
    {
      stale: [milestonesQuery(project.key).queryKey],
      codes: { milestone_name_taken: "name" },
      done: () => setName(""),
    },
  );
  return (
    <WriteForm
      write={write}
      fields={["name", "due_on"]}
      button={words.addMilestone}
      label={words.addMilestone}
      onSubmit={() => write.send({ name: name.trim(), due_on: due === "" ? null : due })}
    >
      <Group align="flex-start">
        <NameField value={name} onChange={setName} write={write} />
        <TextInput
          type="date"
          label={words.due}
          value={due}
          onChange={(event) => setDue(event.currentTarget.value)}
          error={write.about("due_on")}
        />
      </Group>
    </WriteForm>
  );
}
