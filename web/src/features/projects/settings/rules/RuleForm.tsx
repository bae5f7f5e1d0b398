/** A rule is written, and tried on what has happened before it is kept. */

import { Button, Checkbox, Input, SimpleGrid, TextInput } from "@mantine/core";
import { useState } from "react";

import { answer, api } from "@/api/client";
import type { ProjectRead, RuleKind, RuleRead, RuleWish } from "@/api/schema";
import { texts } from "@/texts";
import { useWrite } from "@/ui/forms/useWrite";
import { WriteForm } from "@/ui/forms/WriteForm";

import { ActionRows } from "./ActionRows";
import { actionsOf, rowsOf } from "./actions";
import { TrialResult } from "./TrialResult";

const words = texts.automation.rules;
const KINDS = Object.keys(words.kinds) as RuleKind[];

type Props = { project: ProjectRead; rule?: RuleRead; onDone?: () => void };

export function RuleForm({ project, rule, onDone }: Props) {
  const [name, setName] = useState(rule?.name ?? "");
  const [kinds, setKinds] = useState<string[]>(rule?.kinds ?? ["task.created"]);
  const [filter, setFilter] = useState(rule?.filter ?? "");
  const [rows, setRows] = useState(() => rowsOf(rule?.actions ?? []));
  const path = { project: project.key };
  const wish = (): RuleWish => ({
    kinds: KINDS.filter((kind) => kinds.includes(kind)),
    filter: filter.trim(),
    actions: actionsOf(rows),
  });
  const write = useWrite(
    () => {
      const body = { ...wish(), name: name.trim() };
      return rule === undefined
        ? answer(api.POST("/api/v1/projects/{project}/rules", { params: { path }, body }))
        : answer(
            api.PATCH("/api/v1/projects/{project}/rules/{rule_id}", {
              params: { path: { ...path, rule_id: rule.id } },
              body,
            }),
          );
    },
    {
      stale: [["project", project.key, "rules"]],
      done: onDone,
    },
  );
  const trial = useWrite(() =>
    answer(api.POST("/api/v1/projects/{project}/rules/dry-run", { params: { path }, body: wish() })),
  );
  const about = (field: string) => write.about(field) ?? trial.about(field);
  // Both buttons say below the same fields what is wrong with them.
  const writing = { ...write, beside: (fields: readonly string[]) => write.beside(fields) ?? trial.beside(fields) };

  return (
    <WriteForm
      write={writing}
      fields={["name", "filter", "kinds"]}
      button={rule === undefined ? words.add : texts.common.save}
      onSubmit={() => write.send()}
      beside={
        <Button variant="default" loading={trial.isPending} onClick={() => trial.send()}>
          {words.tryIt}
        </Button>
      }
    >
      <TextInput
        maw={420}
        label={words.name}
        required
        value={name}
        onChange={(event) => setName(event.currentTarget.value)}
        error={about("name")}
      />
      <Checkbox.Group label={words.when} value={kinds} onChange={setKinds} error={about("kinds")}>
        <SimpleGrid cols={{ base: 1, sm: 3 }} spacing="xs" mt={4}>
          {KINDS.map((kind) => (
            <Checkbox key={kind} value={kind} label={words.kinds[kind]} />
          ))}
        </SimpleGrid>
      </Checkbox.Group>
      <TextInput
        label={words.filter}
        description={words.filterHint}
        value={filter}
        onChange={(event) => setFilter(event.currentTarget.value)}
        error={about("filter")}
      />
      <Input.Wrapper label={words.then} labelElement="div">
        <ActionRows project={project} rows={rows} onChange={setRows} />
      </Input.Wrapper>
      {trial.data !== undefined && <TrialResult trial={trial.data} />}
    </WriteForm>
  );
}
