/** What happened in the project, by day. */

import { Anchor, NativeSelect, Stack, Title } from "@mantine/core";
import { useInfiniteQuery } from "@tanstack/react-query";
import { Link, useParams } from "@tanstack/react-router";
import { useState } from "react";

import { answer, api } from "@/api/client";
import type { Change } from "./change";
import { may, useProjectParts } from "@/features/projects/queries";
import { personName } from "@/features/tasks/pickers/choices";
import { dayOf, showLongDay, today } from "@/format/dates";
import { texts } from "@/texts";
import { Empty } from "@/ui/Empty";
import { MoreButton } from "@/ui/MoreButton";
import { Waiting } from "@/ui/Waiting";

import { ChangeLine } from "./ChangeLine";
import classes from "./ChangeLine.module.css";
import { useNaming } from "./naming";
import { useIsRevertible } from "./reverting";

const words = texts.activity;
const PAGE = 50;

export default function ActivityPage() {
  const { project: key } = useParams({ from: "/signed-in/projects/$project" });
  const parts = useProjectParts(key);
  const naming = useNaming(parts);
  const isRevertible = useIsRevertible();
  const [actor, setActor] = useState("");
  const pages = useInfiniteQuery({
    queryKey: ["activity", key, actor],
    initialPageParam: undefined as string | undefined,
    queryFn: ({ pageParam }) =>
      answer(
        api.GET("/api/v1/projects/{project}/history", {
          params: {
            path: { project: key },
            query: { limit: PAGE, cursor: pageParam, ...(actor === "" ? {} : { actor }) },
          },
        }),
      ),
    getNextPageParam: (page) => page.next_cursor ?? undefined,
  });
  const { data } = pages;
  const changes = data?.pages.flatMap((page) => page.items) ?? [];
  const mayRevert = may(parts.project, "editor");
  return (
    <Stack maw={860}>
      <Title order={2} size="h4">
        {words.title}
      </Title>
      <NativeSelect
        label={words.by}
        maw={280}
        value={actor}
        onChange={(event) => setActor(event.currentTarget.value)}
        data={[
          { value: "", label: words.everybody },
          ...parts.members.map(({ user }) => ({ value: user.id, label: personName(user) })),
        ]}
      />
      {data === undefined && <Waiting />}
      {data !== undefined && changes.length === 0 && <Empty text={words.nothing} />}
      {byDay(changes).map(([day, ofDay]) => (
        <section key={day} aria-label={dayName(day)}>
          <Title order={3} size="h5">
            {dayName(day)}
          </Title>
          <ol className={classes.lines}>
            {ofDay.map((change) => (
              <ChangeLine
                key={change.id}
                change={change}
                naming={naming}
                mayRevert={mayRevert && isRevertible(change)}
                subject={<Subject change={change} project={key} />}
              />
            ))}
          </ol>
        </section>
      ))}
      <MoreButton pages={pages} />
    </Stack>
  );
}

function Subject({ change, project }: { change: Change; project: string }) {
  const task = change.subject_key;
  if (task === null || !task.includes("-")) return null;
  return (
    <Anchor
      size="sm"
      style={{ whiteSpace: "nowrap" }}
      aria-label={words.openTask(task)}
      renderRoot={(props) => (
        <Link
          {...props}
          to="/projects/$project/activity"
          params={{ project }}
          search={(before) => ({ ...before, task })}
        />
      )}
    >
      {task}
    </Anchor>
  );
}

function byDay(changes: readonly Change[]): [string, Change[]][] {
  const days = new Map<string, Change[]>();
  for (const change of changes) {
    const day = dayOf(change.at);
    days.set(day, [...(days.get(day) ?? []), change]);
  }
  return [...days];
}

function dayName(day: string): string {
  return day === today() ? texts.tasks.today : showLongDay(day);
}
