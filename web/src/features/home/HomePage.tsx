/** What is mine to do, and what others did lately. */

import { Anchor, Group, SimpleGrid, Stack, Title } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";

import { useMe } from "@/api/session";
import { useProjects } from "@/features/projects/queries";
import { FirstProject } from "@/features/projects/FirstProject";
import { texts } from "@/texts";

import { Agenda } from "./Agenda";
import { Favourites } from "./Favourites";
import { Lately } from "./Lately";
import { agendaQuery } from "./queries";

export default function HomePage() {
  useMe();
  const agenda = useQuery(agendaQuery());
  const projects = useProjects();
  return (
    <Stack>
      <Group justify="space-between">
        <Title order={1} size="h3">
          {texts.home.title}
        </Title>
        {/* In a project the word means the project's own. */}
        <Anchor component={Link} to="/settings" size="sm" py={2}>
          {texts.home.settings}
        </Anchor>
      </Group>
      {projects.length === 0 && <FirstProject />}
      {projects.length > 0 && (
        <SimpleGrid cols={{ base: 1, lg: 2 }} spacing="xl">
          <Agenda groups={agenda.data?.groups} error={agenda.error} />
          <Stack gap="xl">
            <Favourites projects={projects} />
            <Lately />
          </Stack>
        </SimpleGrid>
      )}
    </Stack>
  );
}
