/** What people say about a task, the oldest first, and a field to say something, too. */

import { Stack, Text } from "@mantine/core";
import { useInfiniteQuery } from "@tanstack/react-query";

import { useOpenTask } from "@/features/tasks/panel/openTask";
import { texts } from "@/texts";
import { MoreButton } from "@/ui/MoreButton";

import { Comment } from "./Comment";
import { NewComment } from "./NewComment";
import { commentsQuery } from "./queries";

const words = texts.comments;

export function Comments({ enabled }: { enabled: boolean }) {
  const { task, mayComment } = useOpenTask();
  const pages = useInfiniteQuery({
    ...commentsQuery(task.key),
    enabled,
  });
  const { data } = pages;
  const comments = data?.pages.flatMap((page) => page.items).toReversed() ?? [];
  return (
    <Stack gap="md">
      <MoreButton pages={pages} label={words.earlier} size="compact-sm" />
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
