/** The tasks of a project by the day on which they are due; another day is a drag away, or a date to choose. */

import { ActionIcon, Alert, Button, Group, Stack, Text, Title } from "@mantine/core";
import { Accessibility, PointerSensor } from "@dnd-kit/dom";
import { DragDropProvider } from "@dnd-kit/react";
import { IconChevronLeft, IconChevronRight } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { useNavigate, useParams, useSearch } from "@tanstack/react-router";

import type { TaskExpanded } from "@/api/schema";
import { addDays, dayOf, firstDayOfWeek, showDay, showMonth, today } from "@/format/dates";
import { may, useProjectParts } from "@/features/projects/queries";
import { useChangeTask } from "@/features/tasks/changing";
import { NoTasks } from "@/features/tasks/NoTasks";
import { FilterBar } from "@/features/tasks/filters/FilterBar";
import { tasksQuery } from "@/features/tasks/queries";
import { texts } from "@/texts";
import { messageOf, tell } from "@/ui/toasts";

import { monthAway, weeksOf } from "./month";
import { MonthGrid } from "./MonthGrid";

const MOST = 200;
// It would make a button of each task, around its link. Who comes by keyboard chooses a date.
const UNWANTED: unknown[] = [Accessibility];
const SENSORS = [
  PointerSensor.configure({
    // The name is a link that covers the task: by it the task is taken, too.
    preventActivation: ({ target }) => target instanceof Element && target.closest("button, input") !== null,
  }),
];
const words = texts.calendar;

export default function CalendarPage() {
  const { project: key } = useParams({ from: "/signed-in/projects/$project" });
  const { filter, from } = useSearch({ from: "/signed-in/projects/$project" });
  const navigate = useNavigate();
  const { project } = useProjectParts(key);
  const change = useChangeTask();
  const month = from ?? today();
  const weeks = weeksOf(month, firstDayOfWeek());
  const first = weeks[0]?.[0] ?? month;
  const last = weeks.at(-1)?.at(-1) ?? month;
  const { data, error, isPending } = useQuery({
    ...tasksQuery(key, { filter, due_after: first, due_before: addDays(last, 1), sort: "due", limit: MOST }),
    placeholderData: (before) => before,
  });
  const tasks = data?.items ?? [];
  const show = (day: string) => void navigate({ to: ".", search: (before) => ({ ...before, from: day }) });
  const move = (task: TaskExpanded, day: string) => {
    if (dueDay(task) === day) return;
    change.mutate({ task, patch: onDay(task, day) }, { onSuccess: () => tell(words.moved(task.key, showDay(day))) });
  };

  return (
    <Stack gap="sm">
      <FilterBar project={key} />
      <Group>
        <Title order={2} size="h4" aria-live="polite">
          {showMonth(month)}
        </Title>
        <ActionIcon variant="default" size="lg" aria-label={words.previous} onClick={() => show(monthAway(month, -1))}>
          <IconChevronLeft size={18} aria-hidden />
        </ActionIcon>
        <ActionIcon variant="default" size="lg" aria-label={words.next} onClick={() => show(monthAway(month, 1))}>
          <IconChevronRight size={18} aria-hidden />
        </ActionIcon>
        <Button variant="default" onClick={() => show(today())}>
          {words.today}
        </Button>
        {data?.items.length === 0 && <NoTasks project={key} text={words.empty} create={words.create} isLine />}
      </Group>
      {error !== null && <Text role="alert">{messageOf(error)}</Text>}
      {data?.has_more === true && <Alert>{words.truncated(MOST)}</Alert>}
      <DragDropProvider
        sensors={SENSORS}
        plugins={(defaults) => defaults.filter((plugin) => !UNWANTED.includes(plugin))}
        onDragEnd={({ canceled, operation: { source, target } }) => {
          const task = tasks.find((one) => one.key === source?.id);
          if (!canceled && task !== undefined && target !== null) move(task, String(target.id));
        }}
      >
        <MonthGrid
          project={key}
          weeks={weeks}
          month={month.slice(0, 7)}
          byDay={Map.groupBy(tasks, dueDay)}
          isLoading={isPending}
          mayMove={may(project, "editor")}
          onMove={move}
        />
      </DragDropProvider>
    </Stack>
  );
}

function dueDay(task: TaskExpanded): string {
  return task.due_at === null ? (task.due_on ?? "") : dayOf(task.due_at);
}

/** The same time on another day, where a time was given. */
function onDay(task: TaskExpanded, day: string): { due_on: string } | { due_at: string } {
  if (task.due_at === null) return { due_on: day };
  const days = (Date.parse(day) - Date.parse(dayOf(task.due_at))) / 86_400_000;
  return { due_at: new Date(Date.parse(task.due_at) + days * 86_400_000).toISOString() };
}
