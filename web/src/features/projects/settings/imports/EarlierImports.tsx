/** What was brought in before, and what is on its way: from here it can be watched, and cancelled. */

import { Button, Group, Stack, Text } from "@mantine/core";
import { queryOptions, useSuspenseQuery } from "@tanstack/react-query";
import { useState } from "react";

import { answer, api } from "@/api/client";
import type { ProjectRead } from "@/api/schema";
import { showInstant } from "@/format/dates";
import { texts } from "@/texts";
import { Rows } from "@/ui/forms/Rows";
import { Section } from "@/ui/forms/Section";

import { ImportProgress } from "./ImportProgress";
import { isOver } from "./sending";

const words = texts.imports;

const importsQuery = (project: string) =>
  queryOptions({
    queryKey: ["project", project, "imports"],
    queryFn: async () =>
      (
        await answer(
          api.GET("/api/v1/projects/{project}/imports", { params: { path: { project }, query: { limit: 20 } } }),
        )
      ).items,
  });

export function EarlierImports({ project }: { project: ProjectRead }) {
  const { data: imports } = useSuspenseQuery(importsQuery(project.key));
  const [open, setOpen] = useState<string | null>(null);
  return (
    <Section title={words.earlier}>
      <Rows label={words.earlier} items={imports} none={words.none}>
        {(one) => (
          <Stack gap="xs">
            <Group justify="space-between">
              <Text size="sm">
                {showInstant(one.created_at)}, {words.formats[one.format]}
                {one.dry_run ? `, ${words.dryRun}` : ""}: {words.states[one.state]}
              </Text>
              <Button
                size="compact-sm"
                variant="default"
                aria-expanded={open === one.id}
                onClick={() => setOpen(open === one.id ? null : one.id)}
              >
                {isOver(one) ? words.problems(one.problems_total) : words.watch}
              </Button>
            </Group>
            {open === one.id && <ImportProgress project={project} id={one.id} />}
          </Stack>
        )}
      </Rows>
    </Section>
  );
}
