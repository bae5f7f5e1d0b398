/** The bar at the side: my pages, my projects with the favourites first. */

import { AppShell, Badge, Button, NavLink, ScrollArea, Text } from "@mantine/core";
import { useDisclosure } from "@mantine/hooks";
import { IconFolders, IconHome, IconInbox, IconPlus, IconStarFilled } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { Link, useParams } from "@tanstack/react-router";

import { unreadQuery } from "@/features/inbox/queries";
import { NewProject } from "@/features/projects/NewProject";
import { may, useProjects } from "@/features/projects/queries";
import { texts } from "@/texts";

export function Navigation() {
  const projects = useProjects();
  const unread = useQuery(unreadQuery()).data ?? 0;
  const { project: open } = useParams({ strict: false });
  const [opened, dialog] = useDisclosure();
  const favourites = projects.filter((project) => project.is_favourite);
  const others = projects.filter((project) => !project.is_favourite);

  return (
    <>
      <AppShell.Section p="xs">
        <NavLink
          component={Link}
          to="/"
          label={texts.shell.home}
          leftSection={<IconHome size={18} aria-hidden />}
          activeOptions={{ exact: true }}
        />
        <NavLink
          component={Link}
          to="/inbox"
          label={texts.shell.inbox}
          leftSection={<IconInbox size={18} aria-hidden />}
          rightSection={
            unread > 0 && (
              <Badge size="sm" aria-label={texts.shell.unread(unread)}>
                {unread}
              </Badge>
            )
          }
        />
        <NavLink
          component={Link}
          to="/projects"
          label={texts.shell.projects}
          leftSection={<IconFolders size={18} aria-hidden />}
          activeOptions={{ exact: true }}
        />
      </AppShell.Section>
      <AppShell.Section grow component={ScrollArea} px="xs" type="scroll">
        {[...favourites, ...others].map((project) => (
          <NavLink
            key={project.id}
            renderRoot={(props) => <Link {...props} to="/projects/$project/board" params={{ project: project.key }} />}
            // Cards of a board can be dropped on it.
            data-takes-tasks={may(project, "editor") ? project.key : undefined}
            active={project.key === open}
            label={
              <Text size="sm" truncate component="span" display="block">
                {project.name}
              </Text>
            }
            leftSection={
              <span
                aria-hidden
                style={{
                  width: 12,
                  height: 12,
                  borderRadius: 4,
                  background: project.color ?? "var(--mantine-color-gray-5)",
                }}
              />
            }
            rightSection={project.is_favourite && <IconStarFilled size={12} aria-label={texts.shell.favourites} />}
          />
        ))}
      </AppShell.Section>
      <AppShell.Section p="xs">
        <Button fullWidth variant="default" leftSection={<IconPlus size={16} aria-hidden />} onClick={dialog.open}>
          {texts.shell.newProject}
        </Button>
      </AppShell.Section>
      <NewProject opened={opened} onClose={dialog.close} />
    </>
  );
}
