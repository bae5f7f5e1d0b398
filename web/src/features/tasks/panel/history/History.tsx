/** What happened to the task, the newest first. */

import { Stack } from "@mantine/core";
import { useInfiniteQuery } from "@tanstack/react-query";

import { answer, api } from "@/api/client";
import { ChangeLine } from "@/features/activity/ChangeLine";
import classes from "@/features/activity/ChangeLine.module.css";
import { useNaming } from "@/features/activity/naming";
import { useIsRevertible } from "@/features/activity/reverting";
import { texts } from "@/texts";
import { MoreButton } from "@/ui/MoreButton";
import { Waiting } from "@/ui/Waiting";

import { useOpenTask } from "../openTask";

const PAGE = 30;

export default function History() {
  const open = useOpenTask();
  const { task, mayWrite } = open;
  const naming = useNaming(open);
  const isRevertible = useIsRevertible();
  const pages = useInfiniteQuery({
    queryKey: ["task", task.key, "history"],
    initialPageParam: undefined as string | undefined,
    queryFn: ({ pageParam }) =>
      answer(
        api.GET("/api/v1/tasks/{task}/history", {
          params: { path: { task: task.key }, query: { limit: PAGE, cursor: pageParam } },
        }),
      ),
    getNextPageParam: (page) => page.next_cursor ?? undefined,
  });
  const { data } = pages;
  if (data === undefined) return <Waiting size="sm" />;
  return (
    <Stack gap="xs">
      <ol className={classes.lines}>
        {data.pages
          .flatMap((page) => page.items)
          .map((change) => (
            <ChangeLine
              key={change.id}
              change={change}
              naming={naming}
              subject={texts.activity.thisTask}
              // What was made here is not unmade from its own history.
              mayRevert={mayWrite && change.kind !== "task.created" && isRevertible(change)}
            />
          ))}
      </ol>
      <MoreButton pages={pages} size="compact-sm" />
    </Stack>
  );
}
