/** Reports that are read rather than looked at: who has how much, what lies long, where the time went. */

import { BarChart } from "@mantine/charts";
import { useQuery } from "@tanstack/react-query";

import { dayOf, showDay, showNumber } from "@/format/dates";
import { useProjectParts } from "@/features/projects/queries";
import { personName } from "@/features/tasks/pickers/choices";
import { texts } from "@/texts";

import { Asked } from "./Asked";
import { Numbers } from "./Numbers";
import { reportQueries } from "./queries";
import type { ReportProps } from "./Report";
import { TaskLink } from "./TaskLink";

const words = texts.analytics;
const named = words.series;

export function Workload({ project, period }: ReportProps) {
  const nameOf = usePeople(project);
  const asked = useQuery(reportQueries.workload(project, period));
  return (
    <Asked asked={asked} isEmpty={({ items }) => items.length === 0}>
      {({ items }) => (
        <>
          <BarChart
            h={60 + items.length * 34}
            data={items.map((load) => ({
              person: nameOf(load.user_id),
              open: load.open - load.overdue,
              overdue: load.overdue,
            }))}
            dataKey="person"
            type="stacked"
            orientation="vertical"
            yAxisProps={{ width: 140 }}
            series={[
              { name: "overdue", label: named.overdue, color: "red.7" },
              { name: "open", label: named.open, color: "blue.6" },
            ]}
            withLegend
            role="img"
            aria-label={words.reports.workload}
          />
          <Numbers
            label={words.reports.workload}
            folded={false}
            headings={[
              named.person,
              named.open,
              named.overdue,
              named.estimate,
              named.unestimated,
              named.due,
              named.capacity,
            ]}
            rows={items.map((load) => ({
              key: load.user_id ?? "none",
              cells: [
                nameOf(load.user_id),
                load.open,
                load.overdue,
                load.estimate,
                load.unestimated,
                load.due,
                load.capacity ?? "–",
              ],
            }))}
          />
        </>
      )}
    </Asked>
  );
}

export function Ageing({ project, period }: ReportProps) {
  const { statuses } = useProjectParts(project);
  const asked = useQuery(reportQueries.ageing(project, period));
  return (
    <Asked asked={asked} isEmpty={({ items }) => items.length === 0}>
      {({ items }) => (
        <Numbers
          label={words.reports.ageing}
          folded={false}
          headings={[named.task, named.status, named.started, words.days]}
          rows={items.map((aged) => ({
            key: aged.task_id,
            cells: [
              <TaskLink key="task" task={aged.key} title={aged.title} />,
              statuses.find((status) => status.key === aged.status)?.name ?? aged.status,
              showDay(dayOf(aged.started_at)),
              words.daysOld(aged.days),
            ],
          }))}
        />
      )}
    </Asked>
  );
}

export function Time({ project, period }: ReportProps) {
  const nameOf = usePeople(project);
  const asked = useQuery(reportQueries.time(project, period));
  return (
    <Asked asked={asked} isEmpty={({ items }) => items.length === 0}>
      {({ items, total_seconds }) => (
        <Numbers
          label={words.reports.time}
          folded={false}
          headings={[named.person, named.task, named.hours]}
          rows={[
            ...items.map((worked) => ({
              key: `${worked.user_id} ${worked.task_id}`,
              cells: [nameOf(worked.user_id), <TaskLink key="task" task={worked.key} />, inHours(worked.seconds)],
            })),
            { key: "total", cells: ["", "", <strong key="total">{inHours(total_seconds)}</strong>] },
          ]}
        />
      )}
    </Asked>
  );
}

function usePeople(project: string): (id: string | null) => string {
  const { members } = useProjectParts(project);
  return (id) => {
    if (id === null) return texts.tasks.unassigned;
    const member = members.find(({ user }) => user.id === id);
    return member === undefined ? texts.common.someone : personName(member.user);
  };
}

function inHours(seconds: number): string {
  return words.hours(showNumber(seconds / 3600, 1));
}
