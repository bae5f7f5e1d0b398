/** What was deleted in the project: to bring back, or to delete for good. */

import { Button, Group, Modal, Stack, Table, Text, Title } from "@mantine/core";
import { useInfiniteQuery, useMutation, useQueryClient } from "@tanstack/react-query";
import { useParams } from "@tanstack/react-router";
import { useState } from "react";

import { answer, api } from "@/api/client";
import type { ProjectRead, TaskRead } from "@/api/schema";
import { may, useProjectParts } from "@/features/projects/queries";
import { showAgo } from "@/format/dates";
import { texts } from "@/texts";
import { MoreButton } from "@/ui/MoreButton";
import { tell } from "@/ui/toasts";
import { Empty } from "@/ui/Empty";
import { Waiting } from "@/ui/Waiting";

const words = texts.activity.trash;

export default function TrashPage() {
  const { project: key } = useParams({ from: "/signed-in/projects/$project" });
  const { project } = useProjectParts(key);
  const pages = useInfiniteQuery({
    queryKey: ["trash", key],
    initialPageParam: undefined as string | undefined,
    queryFn: ({ pageParam }) =>
      answer(
        api.GET("/api/v1/projects/{project}/trash", {
          params: { path: { project: key }, query: { cursor: pageParam } },
        }),
      ),
    getNextPageParam: (page) => page.next_cursor ?? undefined,
  });
  const { data } = pages;
  const tasks = data?.pages.flatMap((page) => page.items) ?? [];
  return (
    <Stack maw={860}>
      <Title order={2} size="h4">
        {words.title}
      </Title>
      <Text size="sm" c="dimmed">
        {words.told}
      </Text>
      {data === undefined && <Waiting />}
      {data !== undefined && tasks.length === 0 && <Empty text={words.empty} />}
      {tasks.length > 0 && (
        <Table.ScrollContainer minWidth={300}>
          <Table aria-label={words.title}>
            <Table.Tbody>
              {tasks.map((task) => (
                <Deleted key={task.id} task={task} project={project} />
              ))}
            </Table.Tbody>
          </Table>
        </Table.ScrollContainer>
      )}
      <MoreButton pages={pages} />
    </Stack>
  );
}

function Deleted({ task, project }: { task: TaskRead; project: ProjectRead }) {
  const [isAsking, setAsking] = useState(false);
  const client = useQueryClient();
  const params = { path: { task: task.id } };
  const settle = () =>
    Promise.all(["trash", "tasks", "task"].map((root) => client.invalidateQueries({ queryKey: [root] })));
  const restore = useMutation({
    mutationFn: () => answer(api.POST("/api/v1/tasks/{task}/restore", { params })),
    onSuccess: () => tell(words.restored(task.key)),
    onSettled: settle,
  });
  const purge = useMutation({
    mutationFn: () => answer(api.DELETE("/api/v1/tasks/{task}", { params: { ...params, query: { permanent: true } } })),
    onSuccess: () => tell(words.purged(task.key)),
    onSettled: settle,
  });
  return (
    <Table.Tr>
      <Table.Td>
        <Text size="sm" lineClamp={2}>
          {task.key} {task.title}
        </Text>
        {task.deleted_at !== null && (
          <Text size="xs" c="dimmed">
            {words.when(showAgo(task.deleted_at))}
          </Text>
        )}
      </Table.Td>
      <Table.Td>
        <Group gap="xs" justify="flex-end">
          {may(project, "editor") && (
            <Button
              size="compact-sm"
              variant="default"
              loading={restore.isPending}
              aria-label={words.restoreIt(task.key)}
              onClick={() => restore.mutate()}
            >
              {words.restore}
            </Button>
          )}
          {may(project, "admin") && (
            <Button
              size="compact-sm"
              color="red"
              variant="subtle"
              aria-label={words.purgeIt(task.key)}
              onClick={() => setAsking(true)}
            >
              {words.purge}
            </Button>
          )}
        </Group>
        {/* The one deletion that nothing brings back, so it asks. */}
        <Modal opened={isAsking} onClose={() => setAsking(false)} title={words.purgeIt(task.key)}>
          <Stack>
            <Text size="sm">{words.sure(task.title)}</Text>
            <Group justify="flex-end">
              <Button variant="default" onClick={() => setAsking(false)} data-autofocus>
                {texts.common.cancel}
              </Button>
              <Button
                color="red"
                loading={purge.isPending}
                onClick={() => purge.mutate(undefined, { onSettled: () => setAsking(false) })}
              >
                {words.purge}
              </Button>
            </Group>
          </Stack>
        </Modal>
      </Table.Td>
    </Table.Tr>
  );
}
