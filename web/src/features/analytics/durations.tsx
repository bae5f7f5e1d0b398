/** How long tasks take: each as a point, with the percentiles that plans are made of. */

import { ScatterChart } from "@mantine/charts";
import { Text } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";

import type { Durations } from "@/api/schema";
import { dayOf, showDay, showInstant, showNumber } from "@/format/dates";
import { texts } from "@/texts";

import { Asked } from "./Asked";
import { Numbers } from "./Numbers";
import { reportQueries } from "./queries";
import type { ReportProps } from "./Report";
import { TaskLink } from "./TaskLink";

const words = texts.analytics;

export function CycleTime({ project, period }: ReportProps) {
  return <Points label={words.reports["cycle-time"]} asked={useQuery(reportQueries.cycleTime(project, period))} />;
}

export function LeadTime({ project, period }: ReportProps) {
  return <Points label={words.reports["lead-time"]} asked={useQuery(reportQueries.leadTime(project, period))} />;
}

function Points({ label, asked }: { label: string; asked: Parameters<typeof Asked<Durations>>[0]["asked"] }) {
  return (
    <Asked asked={asked} isEmpty={(report) => report.count === 0}>
      {(report) => (
        <>
          <Text>{words.percentiles(hours(report.p50_hours), hours(report.p85_hours), hours(report.p95_hours))}</Text>
          <ScatterChart
            h={360}
            data={[
              {
                name: label,
                color: "blue.7",
                data: report.items.map((item) => ({ day: Date.parse(item.completed_at), hours: item.hours })),
              },
            ]}
            dataKey={{ x: "day", y: "hours" }}
            xAxisLabel={words.date}
            yAxisLabel={words.series.hours}
            xAxisProps={{
              domain: ["dataMin", "dataMax"],
              tickFormatter: (at: number) => showDay(dayOf(new Date(at).toISOString())),
            }}
            valueFormatter={{
              x: (at) => showInstant(new Date(at).toISOString()),
              y: (value) => words.hours(showNumber(value, 1)),
            }}
            role="img"
            aria-label={label}
          />
          <Numbers
            label={label}
            headings={[words.series.task, words.date, words.series.hours]}
            rows={report.items.map((item) => ({
              key: item.task_id,
              cells: [
                <TaskLink key="task" task={item.key} />,
                showInstant(item.completed_at),
                showNumber(item.hours, 1),
              ],
            }))}
          />
        </>
      )}
    </Asked>
  );
}

function hours(value: number | null): string {
  return value === null ? "–" : words.hours(showNumber(value, 1));
}
