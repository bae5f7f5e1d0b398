/** Stretches of time, one after the other, with the tasks that are meant for them. */

import { Button, Group, Text, TextInput } from "@mantine/core";
import { useSuspenseQuery } from "@tanstack/react-query";
import { useState } from "react";

import { answer, api } from "@/api/client";
import type { CycleRead, CycleUpdate, ProjectRead } from "@/api/schema";
import { addDays, today } from "@/format/dates";
import { texts } from "@/texts";
import { InlineText } from "@/ui/forms/InlineText";
import { Rows } from "@/ui/forms/Rows";
import { Section } from "@/ui/forms/Section";
import { useWrite } from "@/ui/forms/useWrite";
import { WriteForm } from "@/ui/forms/WriteForm";
import { tell } from "@/ui/toasts";

import { cyclesQuery } from "../../queries";
import { DeleteButton } from "../DeleteButton";
import { takeBack, useDeletion } from "../deletion";
import { DayField } from "./DayField";
import { NameField } from "../NameField";

const words = texts.projectSettings.plans;
const TWO_WEEKS = 13;

export function Cycles({ project }: { project: ProjectRead }) {
  const { data: cycles } = useSuspenseQuery(cyclesQuery(project.key));
  const { queryKey } = cyclesQuery(project.key);
  const path = (id: string) => ({ params: { path: { project: project.key, cycle_id: id } } });
  const change = useWrite(
    ({ id, ...body }: CycleUpdate & { id: string }) =>
      answer(api.PATCH("/api/v1/projects/{project}/cycles/{cycle_id}", { ...path(id), body })),
    { stale: [queryKey] },
  );
  const rollOver = useWrite(
    (id: string) =>
      answer(api.POST("/api/v1/projects/{project}/cycles/{cycle_id}/roll-over", { ...path(id), body: {} })),
    { loud: true, stale: [queryKey, ["tasks", project.key]], done: ({ moved }) => tell(words.rolledOver(moved)) },
  );
  const deletion = useDeletion<CycleRead>({
    project: project.key,
    part: "cycles",
    remove: ({ id }) => answer(api.DELETE("/api/v1/projects/{project}/cycles/{cycle_id}", path(id))),
    restore: ({ id }) => takeBack(project.key, "cycle.deleted", id),
    said: ({ name }) => texts.projectSettings.deleted(name),
  });
  return (
    <Section title={words.cycles} text={words.cyclesText}>
      <Rows label={words.cycles} items={cycles} none={words.noCycles}>
        {(cycle) => (
          <Group gap="xs">
            <div style={{ flex: "1 1 160px" }}>
              <InlineText
                label={words.cycleOf(cycle.name)}
                value={cycle.name}
                required
                onSave={(name) => change.save({ id: cycle.id, name })}
              />
            </div>
            <DayField
              label={words.startsOf(cycle.name)}
              value={cycle.starts_on}
              required
              onSave={(day) => change.save({ id: cycle.id, ...(day === null ? {} : { starts_on: day }) })}
            />
            <DayField
              label={words.endsOf(cycle.name)}
              value={cycle.ends_on}
              required
              onSave={(day) => change.save({ id: cycle.id, ...(day === null ? {} : { ends_on: day }) })}
            />
            <Text size="sm" c="dimmed">
              {words.progress(cycle.progress.done, cycle.progress.total)}
            </Text>
            <Button
              size="compact-sm"
              variant="default"
              aria-label={words.rollOverOf(cycle.name)}
              loading={rollOver.isPending}
              onClick={() => rollOver.send(cycle.id)}
            >
              {words.rollOver}
            </Button>
            <DeleteButton label={texts.projectSettings.deleteOf(cycle.name)} onClick={() => deletion.remove(cycle)} />
          </Group>
        )}
      </Rows>
      <NewCycle
        project={project}
        last={cycles
          .map((cycle) => cycle.ends_on)
          .toSorted()
          .at(-1)}
      />
    </Section>
  );
}

function NewCycle({ project, last }: { project: ProjectRead; last: string | undefined }) {
  const [name, setName] = useState("");
  const [starts, setStarts] = useState<string | null>(null);
  const [ends, setEnds] = useState<string | null>(null);
  const first = starts ?? (last === undefined ? today() : addDays(last, 1));
  const end = ends ?? (first === "" ? "" : addDays(first, TWO_WEEKS));
  const write = useWrite(
    () =>
      answer(
        api.POST("/api/v1/projects/{project}/cycles", {
          params: { path: { project: project.key } },
          body: { name: name.trim(), starts_on: first, ends_on: end },
        }),
      ),
    {
      stale: [cyclesQuery(project.key).queryKey],
      codes: { cycle_overlap: "starts_on" },
      done: () => {
        setName("");
        setStarts(null);
        setEnds(null);
      },
    },
  );
  return (
    <WriteForm
      write={write}
      fields={["name", "starts_on", "ends_on"]}
      button={words.addCycle}
      label={words.addCycle}
      onSubmit={() => write.send()}
    >
      <Group align="flex-start">
        <NameField value={name} onChange={setName} write={write} />
        <TextInput
          type="date"
          label={words.starts}
          required
          value={first}
          onChange={(event) => setStarts(event.currentTarget.value)}
          error={write.about("starts_on")}
        />
        <TextInput
          type="date"
          label={words.ends}
          required
          value={end}
          onChange={(event) => setEnds(event.currentTarget.value)}
          error={write.about("ends_on")}
        />
      </Group>
    </WriteForm>
  );
}
