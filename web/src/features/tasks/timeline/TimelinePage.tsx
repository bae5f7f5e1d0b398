/** The tasks of a project over time, from start to due, with what blocks what. */

import { Alert, Button, Group, NativeSelect, Stack, Text, Title } from "@mantine/core";
import { useQueries, useQuery } from "@tanstack/react-query";
import { useNavigate, useParams, useSearch } from "@tanstack/react-router";

import type { ProjectSearch } from "@/app/search";
import { addDays, showDay, today } from "@/format/dates";
import { may, useProjectParts } from "@/features/projects/queries";
import { NoTasks } from "@/features/tasks/NoTasks";
import { FilterBar } from "@/features/tasks/filters/FilterBar";
import { tasksQuery } from "@/features/tasks/queries";
import { texts } from "@/texts";
import { messageOf } from "@/ui/toasts";

import { barOf } from "./bars";
import { Lanes } from "./Lanes";
import { blockersQuery } from "./queries";

const MOST = 200;
const RANGES = [14, 28, 56, 112, 364];
// Each of them is asked for its links.
const MOST_BLOCKED = 40;
const words = texts.timeline;

export default function TimelinePage() {
  const { project: key } = useParams({ from: "/signed-in/projects/$project" });
  const { filter, from, days = 56 } = useSearch({ from: "/signed-in/projects/$project" });
  const navigate = useNavigate();
  const { project } = useProjectParts(key);
  const first = from ?? addDays(today(), -7);
  const last = addDays(first, days - 1);
  const change = (next: Partial<ProjectSearch>) =>
    void navigate({ to: ".", search: (before) => ({ ...before, ...next }), replace: true });

  // In brackets: what somebody's filter says with OR must not reach beyond the days.
  const within = `((start:<=${last} due:>=${first}) OR start:${first}..${last} OR due:${first}..${last})`;
  const narrowed = filter === undefined ? within : `(${filter}) ${within}`;
  const { data, error } = useQuery({
    ...tasksQuery(key, { filter: narrowed, sort: "due", limit: MOST }),
    placeholderData: (before) => before,
  });
  const bars = (data?.items ?? []).flatMap((task) => barOf(task, first, days) ?? []);
  const blocked = useQuery(tasksQuery(key, { filter: `is:blocked ${within}`, limit: MOST_BLOCKED })).data?.items ?? [];
  const blockers = useQueries({ queries: blocked.map((task) => blockersQuery(task.key)) });
  const lines = blocked.flatMap((task, index) =>
    (blockers[index]?.data ?? []).map((blocker) => ({ from: blocker, to: task.key })),
  );

  return (
    <Stack gap="sm">
      <FilterBar project={key} />
      <Group>
        <Title order={2} size="h4" aria-live="polite">
          {`${showDay(first)} – ${showDay(last)}`}
        </Title>
        <Button variant="default" onClick={() => change({ from: addDays(first, -Math.ceil(days / 2)) })}>
          {words.earlier}
        </Button>
        <Button variant="default" onClick={() => change({ from: addDays(first, Math.ceil(days / 2)) })}>
          {words.later}
        </Button>
        <Button variant="default" onClick={() => change({ from: undefined })}>
          {words.today}
        </Button>
        <NativeSelect
          aria-label={words.range}
          value={String(days)}
          onChange={(event) => change({ days: Number(event.currentTarget.value) })}
          data={[...new Set([...RANGES, days])]
            .sort((a, b) => a - b)
            .map((range) => ({ value: String(range), label: words.days(range) }))}
        />
      </Group>
      {error !== null && <Text role="alert">{messageOf(error)}</Text>}
      {data?.has_more === true && <Alert>{texts.calendar.truncated(MOST)}</Alert>}
      {data !== undefined && bars.length === 0 && (
        <NoTasks project={key} text={words.empty} create={texts.calendar.create} />
      )}
      {bars.length > 0 && (
        <>
          <Lanes first={first} days={days} bars={bars} lines={lines} mayMove={may(project, "editor")} />
          {may(project, "editor") && (
            <Text size="xs" c="dimmed">
              {words.hint}
            </Text>
          )}
        </>
      )}
    </Stack>
  );
}
