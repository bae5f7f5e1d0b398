/** All my projects, with those that are archived or in the trash on demand. */

import { ActionIcon, Anchor, Button, Group, Stack, Switch, Table, Text, TextInput, Title } from "@mantine/core";
import { useDebouncedValue } from "@mantine/hooks";
import { IconStar, IconStarFilled } from "@tabler/icons-react";
import { keepPreviousData, useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { useState } from "react";

import { answer, api } from "@/api/client";
import type { ProjectRead } from "@/api/schema";
import { showAgo } from "@/format/dates";
import { texts } from "@/texts";
import { Empty } from "@/ui/Empty";
import { messageOf, tell } from "@/ui/toasts";

import { FirstProject } from "./FirstProject";
import { foundProjectsQuery } from "./queries";

const words = texts.projectList;

export default function ProjectsPage() {
  const [typed, setTyped] = useState("");
  const [archived, setArchived] = useState(false);
  const [trashed, setTrashed] = useState(false);
  const [template, setTemplate] = useState(false);
  const [q] = useDebouncedValue(typed.trim(), 200);
  const { data, error } = useQuery({
    ...foundProjectsQuery({ q: q === "" ? undefined : q, archived, trashed, template }),
    placeholderData: keepPreviousData,
  });
  const isNarrowed = q !== "" || archived || trashed || template;
  return (
    <Stack>
      <Title order={1} size="h3">
        {words.title}
      </Title>
      <Group>
        <TextInput
          type="search"
          aria-label={words.search}
          placeholder={words.search}
          value={typed}
          onChange={(event) => setTyped(event.currentTarget.value)}
        />
        <Switch
          label={words.archived}
          checked={archived}
          onChange={(event) => setArchived(event.currentTarget.checked)}
        />
        <Switch label={words.trashed} checked={trashed} onChange={(event) => setTrashed(event.currentTarget.checked)} />
        <Switch
          label={words.templates}
          checked={template}
          onChange={(event) => setTemplate(event.currentTarget.checked)}
        />
      </Group>
      {error !== null && <Text role="alert">{messageOf(error)}</Text>}
      {data?.length === 0 && (isNarrowed ? <Empty text={words.none} /> : <FirstProject />)}
      {data !== undefined && data.length > 0 && (
        <Table.ScrollContainer minWidth={320}>
          <Table aria-label={words.title} verticalSpacing="sm">
            <Table.Tbody>
              {data.map((project) => (
                <Row key={project.id} project={project} />
              ))}
            </Table.Tbody>
          </Table>
        </Table.ScrollContainer>
      )}
    </Stack>
  );
}

function Row({ project }: { project: ProjectRead }) {
  const isDeleted = project.deleted_at !== null;
  return (
    <Table.Tr>
      <Table.Td w={44}>{!isDeleted && <Star project={project} />}</Table.Td>
      <Table.Td>
        {isDeleted ? (
          project.name
        ) : (
          <Anchor
            renderRoot={(props) => <Link {...props} to="/projects/$project/board" params={{ project: project.key }} />}
            c="inherit"
            fw={600}
          >
            {project.name}
          </Anchor>
        )}
        <Text size="xs" c="dimmed" lineClamp={1}>
          {project.description}
        </Text>
      </Table.Td>
      <Table.Td>{project.key}</Table.Td>
      <Table.Td visibleFrom="sm">{texts.projects.roles[project.role]}</Table.Td>
      <Table.Td visibleFrom="sm" style={{ whiteSpace: "nowrap" }}>
        {showAgo(project.updated_at)}
      </Table.Td>
      <Table.Td>{isDeleted && <Restore project={project} />}</Table.Td>
    </Table.Tr>
  );
}

function Star({ project }: { project: ProjectRead }) {
  const client = useQueryClient();
  const params = { path: { project: project.key } };
  const toggle = useMutation({
    mutationFn: () =>
      project.is_favourite
        ? answer(api.DELETE("/api/v1/projects/{project}/favourite", { params }))
        : answer(api.PUT("/api/v1/projects/{project}/favourite", { params })),
    onSettled: () => client.invalidateQueries({ queryKey: ["projects"] }),
  });
  return (
    <ActionIcon
      variant="subtle"
      aria-label={project.is_favourite ? words.notFavourite(project.name) : words.favourite(project.name)}
      aria-pressed={project.is_favourite}
      onClick={() => toggle.mutate()}
    >
      {project.is_favourite ? <IconStarFilled size={16} aria-hidden /> : <IconStar size={16} aria-hidden />}
    </ActionIcon>
  );
}

function Restore({ project }: { project: ProjectRead }) {
  const client = useQueryClient();
  const restore = useMutation({
    mutationFn: () =>
      answer(api.POST("/api/v1/projects/{project}/restore", { params: { path: { project: project.id } } })),
    onSuccess: () => tell(words.restored(project.name)),
    onSettled: () => client.invalidateQueries({ queryKey: ["projects"] }),
  });
  return (
    <Button size="compact-sm" variant="default" loading={restore.isPending} onClick={() => restore.mutate()}>
      {words.restore(project.name)}
    </Button>
  );
}
