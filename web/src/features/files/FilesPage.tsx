/** The files of the project's tasks, the newest first. */

import { Anchor, Button, Stack, Table, Text, Title, UnstyledButton } from "@mantine/core";
import { useInfiniteQuery, useQueryClient } from "@tanstack/react-query";
import { Link, useParams } from "@tanstack/react-router";

import { Problem } from "@/api/problems";
import { useProjectParts } from "@/features/projects/queries";
import { personName } from "@/features/tasks/pickers/choices";
import { showAgo, showBytes } from "@/format/dates";
import { texts } from "@/texts";
import { MoreButton } from "@/ui/MoreButton";
import { tell, tellProblem } from "@/ui/toasts";
import { Empty } from "@/ui/Empty";
import { Waiting } from "@/ui/Waiting";

import { download } from "./contents";
import { filesOf, type ProjectFile, projectFilesQuery } from "./queries";

const words = texts.files;

export default function FilesPage() {
  const { project } = useParams({ from: "/signed-in/projects/$project" });
  const pages = useInfiniteQuery(projectFilesQuery(project));
  const { data } = pages;
  const files = filesOf(data?.pages.flatMap((page) => page.items) ?? []);
  return (
    <Stack maw={860}>
      <Title order={2} size="h4">
        {words.title}
      </Title>
      {data === undefined && <Waiting />}
      {data !== undefined && files.length === 0 && !pages.hasNextPage && (
        <Empty text={words.nothing}>
          <Button
            variant="default"
            renderRoot={(props) => <Link {...props} to="/projects/$project/board" params={{ project }} />}
          >
            {words.toTasks}
          </Button>
        </Empty>
      )}
      {files.length > 0 && (
        <Table.ScrollContainer minWidth={300}>
          <Table aria-label={words.title}>
            <Table.Tbody>
              {files.map((file) => (
                <File key={file.id} file={file} project={project} />
              ))}
            </Table.Tbody>
          </Table>
        </Table.ScrollContainer>
      )}
      <MoreButton pages={pages} />
    </Stack>
  );
}

function File({ file, project }: { file: ProjectFile; project: string }) {
  const { members } = useProjectParts(project);
  const client = useQueryClient();
  const author = members.find(({ user }) => user.id === file.created_by)?.user;
  const save = () =>
    void download(file).catch((error: unknown) => {
      const isGone = error instanceof Problem && error.status === 404;
      if (isGone) tell(words.gone(file.name));
      else tellProblem(error);
      if (isGone) void client.invalidateQueries({ queryKey: ["activity", project, "files"] });
    });
  return (
    <Table.Tr>
      <Table.Td>
        <UnstyledButton onClick={save} aria-label={words.downloadIt(file.name)}>
          <Text size="sm" style={{ overflowWrap: "anywhere" }}>
            {file.name}
          </Text>
        </UnstyledButton>
        <Text size="xs" c="dimmed">
          {words.facts(
            showBytes(file.size),
            author === undefined ? texts.common.someone : personName(author),
            showAgo(file.created_at),
          )}
        </Text>
      </Table.Td>
      <Table.Td ta="end">
        <Anchor
          size="sm"
          style={{ whiteSpace: "nowrap" }}
          aria-label={texts.activity.openTask(file.task)}
          renderRoot={(props) => (
            <Link
              {...props}
              to="/projects/$project/files"
              params={{ project }}
              search={(before) => ({ ...before, task: file.task })}
            />
          )}
        >
          {file.task}
        </Anchor>
      </Table.Td>
    </Table.Tr>
  );
}
