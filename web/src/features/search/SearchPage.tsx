/** What the whole service has about some words: tasks, projects, comments. */

import { Anchor, Badge, Group, Paper, Stack, Text, Title } from "@mantine/core";
import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { Link, useSearch } from "@tanstack/react-router";
import type { ReactNode } from "react";

import { answer, api } from "@/api/client";
import type { FoundComment, FoundProject, FoundTask } from "@/api/schema";
import { Pending } from "@/app/edges";
import { StatusIcon } from "@/features/tasks/pickers/choices";
import { texts } from "@/texts";
import { messageOf } from "@/ui/toasts";

import { Highlights } from "./Highlights";

type Found = FoundTask | FoundProject | FoundComment;
const words = texts.search;
const MOST = 50;

export default function SearchPage() {
  const { q } = useSearch({ from: "/signed-in/search" });
  const { data, error, isPending } = useQuery({
    queryKey: ["tasks", "mine", "search", q],
    queryFn: () => answer(api.GET("/api/v1/search", { params: { query: { q: q ?? "", limit: MOST } } })),
    enabled: q !== undefined,
    placeholderData: keepPreviousData,
  });
  return (
    <Stack maw={760}>
      <Title order={1} size="h3">
        {q === undefined ? texts.shell.search : words.title(q)}
      </Title>
      {q === undefined && <Text>{words.prompt}</Text>}
      {error !== null && <Text role="alert">{messageOf(error)}</Text>}
      {q !== undefined && isPending && <Pending />}
      {data?.items.length === 0 && <Text role="status">{`${words.none} ${words.prompt}`}</Text>}
      {data?.items.map((found) => (
        <Hit key={`${found.type} ${idOf(found)}`} found={found} />
      ))}
    </Stack>
  );
}

function Hit({ found }: { found: Found }) {
  return (
    <Paper withBorder p="sm" component="article">
      <Group gap="xs" wrap="nowrap">
        <Badge variant="default" style={{ flexShrink: 0 }}>
          {words[found.type]}
        </Badge>
        {found.type === "task" && <StatusIcon category={found.task.status_category} />}
        <Way found={found}>
          <Heading found={found} />
        </Way>
      </Group>
      <Highlights highlights={found.highlights.filter(({ field }) => field !== "title" && field !== "name")} />
    </Paper>
  );
}

function Heading({ found }: { found: Found }) {
  if (found.type === "project") return `${found.project.key} ${found.project.name}`;
  return `${found.task.key} ${found.task.title}`;
}

function Way({ found, children }: { found: Found; children: ReactNode }) {
  if (found.type === "project") {
    const { key } = found.project;
    return (
      <Anchor renderRoot={(props) => <Link {...props} to="/projects/$project/board" params={{ project: key }} />}>
        {children}
      </Anchor>
    );
  }
  const { key } = found.task;
  return (
    <Anchor renderRoot={(props) => <Link {...props} to="/tasks/$task" params={{ task: key }} />}>{children}</Anchor>
  );
}

function idOf(found: Found): string {
  if (found.type === "task") return found.task.id;
  return found.type === "project" ? found.project.id : found.comment.id;
}
