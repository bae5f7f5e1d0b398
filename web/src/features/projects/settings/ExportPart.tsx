/** A project as a file to take along. */

import { Button, Group, Stack, Text } from "@mantine/core";

import { download } from "@/api/download";
import type { ExportFormat, ProjectRead } from "@/api/schema";
import { texts } from "@/texts";
import { Rows } from "@/ui/forms/Rows";
import { Section } from "@/ui/forms/Section";
import { useWrite } from "@/ui/forms/useWrite";

const words = texts.imports.export;
const FORMATS = (Object.keys(words.formats) as ExportFormat[]).map((id) => ({ id }));

export default function ExportPart({ project }: { project: ProjectRead }) {
  const take = useWrite(
    (format: ExportFormat) =>
      download(`/api/v1/projects/${project.key}/export?format=${format}`, `${project.key}.${format}`),
    { loud: true },
  );
  return (
    <Section title={words.title} text={words.text}>
      <Rows label={words.title} items={FORMATS} none="">
        {({ id }) => (
          <Group justify="space-between">
            <Stack gap={0}>
              <Text>{words.formats[id][0]}</Text>
              <Text size="sm" c="dimmed">
                {words.formats[id][1]}
              </Text>
            </Stack>
            <Button
              variant="default"
              aria-label={words.button(words.formats[id][0])}
              loading={take.sending === id}
              onClick={() => take.send(id)}
            >
              {texts.common.download}
            </Button>
          </Group>
        )}
      </Rows>
    </Section>
  );
}
