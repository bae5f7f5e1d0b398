/** How far an import is, what came of it, and what was wrong in which row. */

import { Alert, Button, Group, Progress, Stack, Table, Text } from "@mantine/core";
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { useEffect } from "react";

import { answer, api } from "@/api/client";
import type { ImportRead, ProjectRead } from "@/api/schema";
import { showInstant } from "@/format/dates";
import { texts } from "@/texts";
import { useWrite } from "@/ui/forms/useWrite";

import { importQuery, isOver } from "./sending";

const words = texts.imports;

export function ImportProgress({ project, id }: { project: ProjectRead; id: string }) {
  const client = useQueryClient();
  const { data: now } = useQuery(importQuery(id));
  const cancel = useWrite(
    () => answer(api.DELETE("/api/v1/imports/{import_id}", { params: { path: { import_id: id } } })),
    { loud: true, stale: [importQuery(id).queryKey] },
  );
  const over = now !== undefined && isOver(now);
  useEffect(() => {
    if (!over) return;
    void client.invalidateQueries({ queryKey: ["project", project.key] });
    void client.invalidateQueries({ queryKey: ["tasks", project.key] });
  }, [over, client, project.key]);
  if (now === undefined) return null;
  return (
    <Stack component="section" aria-label={now.dry_run ? words.trial : words.result} gap="xs">
      <Group justify="space-between">
        <Text fw={600} role="status">
          {now.dry_run ? words.trial : words.result}: {words.states[now.state]}.{" "}
          {/* While it waits nothing is counted. */}
          {now.state !== "queued" && (
            <>
              {(now.dry_run ? words.trialCounts : words.counts)(now.created, now.updated, now.skipped, now.failed)}.{" "}
              {words.problems(now.problems_total)}
            </>
          )}
        </Text>
        {over && !now.dry_run && now.created + now.updated > 0 && (
          <Button
            size="compact-sm"
            variant="default"
            renderRoot={(props) => <Link {...props} to="/projects/$project/board" params={{ project: project.key }} />}
          >
            {words.toBoard}
          </Button>
        )}
        {!over && (
          <Button size="compact-sm" variant="default" loading={cancel.isPending} onClick={() => cancel.send()}>
            {words.cancel}
          </Button>
        )}
      </Group>
      {!over && <Progress aria-label={words.progress} value={100 * now.progress} />}
      {!over && now.eta !== null && <Text size="sm">{words.until(showInstant(now.eta))}</Text>}
      {now.error !== null && (
        <Alert color="red" role="alert">
          {now.error.detail}
        </Alert>
      )}
      {now.problems.length > 0 && <Problems problems={now.problems} />}
    </Stack>
  );
}

function Problems({ problems }: { problems: ImportRead["problems"] }) {
  return (
    <Table aria-label={words.problemList}>
      <Table.Thead>
        <Table.Tr>
          <Table.Th>{words.row}</Table.Th>
          <Table.Th>{words.column}</Table.Th>
          <Table.Th>{words.problem}</Table.Th>
        </Table.Tr>
      </Table.Thead>
      <Table.Tbody>
        {problems.map((problem, place) => (
          <Table.Tr key={place}>
            <Table.Td>{problem.line}</Table.Td>
            <Table.Td>{problem.column}</Table.Td>
            <Table.Td>{problem.detail}</Table.Td>
          </Table.Tr>
        ))}
      </Table.Tbody>
    </Table>
  );
}
