/** A table of tasks with its pages, the next one a button away. */

import { Center, Text } from "@mantine/core";
import { useInfiniteQuery } from "@tanstack/react-query";
import { useEffect } from "react";

import { Pending } from "@/app/edges";
import { NoTasks } from "@/features/tasks/NoTasks";
import { showing } from "@/features/tasks/selecting/selection";
import type { TaskParameters } from "@/features/tasks/queries";
import { texts } from "@/texts";
import { MoreButton } from "@/ui/MoreButton";
import { messageOf } from "@/ui/toasts";

import { pagesQuery } from "./queries";
import { TaskTable } from "./TaskTable";

type Props = {
  project: string;
  parameters: TaskParameters;
  /** The whole list: what the keys move over. */
  isMain?: boolean;
};

export function PagedTable({ project, parameters, isMain = false }: Props) {
  const pages = useInfiniteQuery({
    ...pagesQuery(project, parameters),
    placeholderData: (before) => before,
  });
  const { data, error } = pages;
  const tasks = data?.pages.flatMap((page) => page.items) ?? [];
  const order = tasks.map((task) => task.key).join(" ");
  useEffect(() => {
    if (isMain) showing(order === "" ? [] : order.split(" "));
  }, [isMain, order]);

  if (error !== null) return <Text role="alert">{messageOf(error)}</Text>;
  if (data === undefined) return <Pending />;
  const first = data.pages[0];
  const total = first?.total === undefined ? "" : `${first.total_is_lower_bound === true ? "> " : ""}${first.total}`;
  if (tasks.length === 0)
    return <NoTasks project={project} text={texts.list.emptyProject} create={texts.list.create} />;
  return (
    <>
      <TaskTable project={project} tasks={tasks} sort={parameters.sort} />
      <Center>
        <MoreButton pages={pages} />
        <Text size="sm" c="dimmed" ml="sm" aria-live="polite">
          {texts.list.count(tasks.length, total)}
        </Text>
      </Center>
    </>
  );
}
