/** What a rule did in the last 30 days. */

import { Table, Text } from "@mantine/core";
import { useSuspenseQuery } from "@tanstack/react-query";

import type { ProjectRead, RuleRead } from "@/api/schema";
import { showInstant } from "@/format/dates";
import { texts } from "@/texts";

import { runsQuery } from "./queries";

const words = texts.automation.rules;

export function Runs({ project, rule }: { project: ProjectRead; rule: RuleRead }) {
  const { data: runs } = useSuspenseQuery(runsQuery(project.key, rule.id));
  if (runs.length === 0) return <Text c="dimmed">{words.noRuns}</Text>;
  return (
    <Table aria-label={words.runsOf(rule.name)}>
      <Table.Tbody>
        {runs.map((run) => (
          <Table.Tr key={run.id}>
            <Table.Td>{showInstant(run.at)}</Table.Td>
            <Table.Td>{words.kinds[run.kind]}</Table.Td>
            <Table.Td>
              {words.states[run.state]}
              {run.detail === null ? "" : `: ${run.detail}`}
            </Table.Td>
          </Table.Tr>
        ))}
      </Table.Tbody>
    </Table>
  );
}
