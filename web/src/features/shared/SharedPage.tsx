/** A project as a share link shows it: to read, by anybody who has the link, and its password where it has one. */

import { Alert, Center, Container, Group, Paper, Stack, Text, Title } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { Link, useParams, useSearch } from "@tanstack/react-router";
import { useState } from "react";

import { Problem } from "@/api/problems";
import type { SharedProject } from "@/api/schema";
import { Pending } from "@/app/edges";
import { texts } from "@/texts";
import { PasswordField } from "@/ui/forms/PasswordField";
import { WriteForm } from "@/ui/forms/WriteForm";
import { messageOf } from "@/ui/toasts";

import { type Opened, sharedQuery } from "./queries";
import { SharedCharts } from "./SharedCharts";
import classes from "./SharedPage.module.css";
import { SharedTasks } from "./SharedTasks";

const words = texts.sharedPage;
const VIEWS = [
  [undefined, words.board],
  ["list", words.list],
  ["charts", words.charts],
] as const;
const LOCKED = ["password_required", "wrong_share_password"];

export default function SharedPage() {
  const { token } = useParams({ from: "/shared/$token" });
  const [password, setPassword] = useState("");
  const opened = { token, password };
  const { data: project, error, isFetching } = useQuery(sharedQuery(opened));
  if (project !== undefined) return <Shared opened={opened} project={project} />;
  if (error === null) return <Pending />;
  const isLocked = error instanceof Problem && LOCKED.includes(error.code);
  return (
    <Center component="main" mih="100dvh" p="md">
      <Paper withBorder p="xl" w="100%" maw={420}>
        {isLocked ? (
          <Unlock refused={password === "" ? undefined : error.detail} isPending={isFetching} onOpen={setPassword} />
        ) : (
          <Stack>
            <Title order={1} size="h3">
              {words.goneTitle}
            </Title>
            <Text>{error instanceof Problem && error.status === 404 ? words.gone : messageOf(error)}</Text>
          </Stack>
        )}
      </Paper>
    </Center>
  );
}

type UnlockProps = { refused: string | undefined; isPending: boolean; onOpen: (password: string) => void };

function Unlock({ refused, isPending, onOpen }: UnlockProps) {
  const [typed, setTyped] = useState("");
  return (
    <Stack>
      <Title order={1} size="h3">
        {words.shared}
      </Title>
      <Text>{words.passwordText}</Text>
      <WriteForm
        write={{ isPending, about: () => undefined, beside: () => refused }}
        button={words.open}
        full
        onSubmit={() => onOpen(typed)}
      >
        <PasswordField
          label={words.password}
          required
          autoComplete="off"
          value={typed}
          onChange={(event) => setTyped(event.currentTarget.value)}
          autoFocus
        />
      </WriteForm>
    </Stack>
  );
}

function Shared({ opened, project }: { opened: Opened; project: SharedProject }) {
  const { view } = useSearch({ from: "/shared/$token" });
  return (
    <Container component="main" fluid p="md">
      <Title order={1} size="h3">
        {project.name}
      </Title>
      <Text size="sm" c="dimmed">
        {words.shared}
      </Text>
      {project.description !== null && <Text maw={720}>{project.description}</Text>}
      {project.archived && <Alert my="sm">{texts.projects.archived}</Alert>}
      <Group component="nav" aria-label={words.views} gap="xs" my="sm">
        {VIEWS.map(([name, label]) => (
          <Link
            key={label}
            to="/shared/$token"
            params={{ token: opened.token }}
            search={{ view: name }}
            // Without a view it is the board: each of the others would pass for it, too.
            activeOptions={{ exact: true, includeSearch: true }}
            className={classes.view}
          >
            {label}
          </Link>
        ))}
      </Group>
      {view === "charts" ? (
        <SharedCharts opened={opened} />
      ) : (
        <SharedTasks opened={opened} project={project} asList={view === "list"} />
      )}
    </Container>
  );
}
