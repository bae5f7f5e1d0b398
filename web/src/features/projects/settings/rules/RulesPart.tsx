/** The rules of a project in the order in which they act. */

import { Alert, Button, Group, Stack, Switch, Text } from "@mantine/core";
import { useSuspenseQuery } from "@tanstack/react-query";
import { Suspense, useState } from "react";

import { answer, api } from "@/api/client";
import type { ProjectRead, RuleRead, RuleUpdate } from "@/api/schema";
import { Pending } from "@/app/edges";
import { texts } from "@/texts";
import { Rows } from "@/ui/forms/Rows";
import { Section } from "@/ui/forms/Section";
import { useWrite } from "@/ui/forms/useWrite";

import { DeleteButton } from "../DeleteButton";
import { useDeletion } from "../deletion";
import { rulesQuery } from "./queries";
import { RuleForm } from "./RuleForm";
import { Runs } from "./Runs";

const words = texts.automation.rules;
type Open = { rule: string; what: "form" | "runs" };

export default function RulesPart({ project }: { project: ProjectRead }) {
  const { data: rules } = useSuspenseQuery(rulesQuery(project.key));
  const [open, setOpen] = useState<Open | null>(null);
  return (
    <Section title={words.title} text={words.text}>
      <Rows label={words.list} items={rules} none={words.none}>
        {(rule) => (
          <Stack gap="xs">
            <RuleRow project={project} rule={rule} open={open?.rule === rule.id ? open : null} setOpen={setOpen} />
            {open?.rule === rule.id && open.what === "form" && (
              <RuleForm project={project} rule={rule} onDone={() => setOpen(null)} />
            )}
            {open?.rule === rule.id && open.what === "runs" && (
              <Suspense fallback={<Pending />}>
                <Runs project={project} rule={rule} />
              </Suspense>
            )}
          </Stack>
        )}
      </Rows>
      {open?.what !== "form" && <RuleForm key={rules.length} project={project} />}
    </Section>
  );
}

type RowProps = { project: ProjectRead; rule: RuleRead; open: Open | null; setOpen: (open: Open | null) => void };

function RuleRow({ project, rule, open, setOpen }: RowProps) {
  const path = { project: project.key, rule_id: rule.id };
  const { queryKey } = rulesQuery(project.key);
  const change = useWrite(
    (body: RuleUpdate) => answer(api.PATCH("/api/v1/projects/{project}/rules/{rule_id}", { params: { path }, body })),
    { loud: true, stale: [queryKey] },
  );
  const deletion = useDeletion<RuleRead>({
    project: project.key,
    part: "rules",
    remove: () => answer(api.DELETE("/api/v1/projects/{project}/rules/{rule_id}", { params: { path } })),
    // The log does not give rules back: it is made again as it was.
    restore: ({ name, kinds, filter, actions, is_active, position }) =>
      answer(
        api.POST("/api/v1/projects/{project}/rules", {
          params: { path: { project: project.key } },
          body: { name, kinds, filter, actions, is_active, position },
        }),
      ),
    said: ({ name }) => texts.projectSettings.deleted(name),
  });
  const toggle = (what: Open["what"]) => () => setOpen(open?.what === what ? null : { rule: rule.id, what });
  return (
    <>
      <Group justify="space-between">
        <Stack gap={0}>
          <Text>{rule.name}</Text>
          <Text size="sm" c="dimmed">
            {rule.kinds.map((kind) => words.kinds[kind]).join(", ")} {rule.filter}
          </Text>
        </Stack>
        <Group gap="xs">
          <Switch
            label={words.active}
            aria-label={words.activeOf(rule.name)}
            checked={change.sending?.is_active ?? rule.is_active}
            onChange={(event) => change.send({ is_active: event.currentTarget.checked })}
          />
          <Button
            size="compact-sm"
            variant="default"
            aria-label={words.runsOf(rule.name)}
            aria-expanded={open?.what === "runs"}
            onClick={toggle("runs")}
          >
            {words.runs}
          </Button>
          <Button
            size="compact-sm"
            variant="default"
            aria-label={words.editOf(rule.name)}
            aria-expanded={open?.what === "form"}
            onClick={toggle("form")}
          >
            {texts.common.edit}
          </Button>
          <DeleteButton label={texts.projectSettings.deleteOf(rule.name)} onClick={() => deletion.remove(rule)} />
        </Group>
      </Group>
      {rule.dark_reason !== null && <Alert color="yellow">{words.dark[rule.dark_reason]}</Alert>}
    </>
  );
}
