/** The projects that somebody has marked; without marks those of their own order. */

import { Anchor, Card, SimpleGrid, Text, Title } from "@mantine/core";
import { Link } from "@tanstack/react-router";

import type { ProjectRead } from "@/api/schema";
import { texts } from "@/texts";

const MOST = 6;

export function Favourites({ projects }: { projects: readonly ProjectRead[] }) {
  const marked = projects.filter((project) => project.is_favourite);
  const shown = (marked.length > 0 ? marked : projects).slice(0, MOST);
  if (shown.length === 0) return null;
  return (
    <section aria-labelledby="favourites">
      <Title order={2} size="h4" id="favourites" mb="sm">
        {marked.length > 0 ? texts.shell.favourites : texts.shell.projects}
      </Title>
      <SimpleGrid cols={{ base: 1, xs: 2 }}>
        {shown.map((project) => (
          <Card
            key={project.id}
            withBorder
            padding="sm"
            style={{ borderInlineStart: `4px solid ${project.color ?? "var(--mantine-color-gray-5)"}` }}
          >
            <Anchor
              renderRoot={(props) => (
                <Link {...props} to="/projects/$project/board" params={{ project: project.key }} />
              )}
              c="inherit"
              fw={600}
            >
              {project.name}
            </Anchor>
            <Text size="xs" c="dimmed" lineClamp={2}>
              {project.description ?? project.key}
            </Text>
          </Card>
        ))}
      </SimpleGrid>
    </section>
  );
}
