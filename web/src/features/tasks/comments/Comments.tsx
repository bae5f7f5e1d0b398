/** What people say about a task, the oldest first, and a field to say something, too. */

import { Button, Stack, Text } from "@mantine/core";
import { useInfiniteQuery } from "@tanstack/react-query";

import { useOpenTask } from "@/features/tasks/panel/openTask";
import { texts } from "@/texts";

import { Comment } from "./Comment";
import { NewComment } from "./NewComment";
import { commentsQuery } from "./queries";

const words = texts.comments;

export function Comments({ enabled }: { enabled: boolean }) {
  const { task, mayComment } = useOpenTask();
  const { data, hasNextPage, isFetchingNextPage, fetchNextPage } = useInfiniteQuery({
    ...commentsQuery(task.key),
    enabled,
  });
  const comments = data?.pages.flatMap((page) => page.items).toReversed() ?? [];
  return (
    <Stack gap="md">
      {hasNextPage && (
        <Button size="compact-sm" variant="default" loading={isFetchingNextPage} onClick={() => void fetchNextPage()}>
          {words.earlier}
        </Button>
      )}
      {data !== undefined && comments.length === 0 && (
        <Text size="sm" c="dimmed">
          {words.nothing}
        </Text>
      )}
      {comments.map((comment) => (
        <Comment key={comment.id} comment={comment} />
      ))}
      {mayComment && <NewComment />}
    </Stack>
  );
}
