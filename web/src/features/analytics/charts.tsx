/** Reports over days: lines, areas and bars, each with its numbers below. */

import { AreaChart, BarChart, LineChart } from "@mantine/charts";
import { useQuery } from "@tanstack/react-query";

import { showDay } from "@/format/dates";
import { texts } from "@/texts";

import { Asked } from "./Asked";
import { Numbers } from "./Numbers";
import { reportQueries } from "./queries";
import type { ReportProps } from "./Report";

const HEIGHT = 360;
const words = texts.analytics;

type Series = { name: keyof typeof words.series; color: string };
type Day = { date: string } & { [name in Series["name"]]?: number };

const LEFT: Series[] = [
  { name: "remaining", color: "blue.7" },
  { name: "scope", color: "gray.6" },
];
const DONE: Series[] = [
  { name: "completed", color: "teal.7" },
  { name: "scope", color: "gray.6" },
];
const STATES: Series[] = [
  { name: "done", color: "teal.7" },
  { name: "started", color: "blue.6" },
  { name: "unstarted", color: "yellow.7" },
  { name: "backlog", color: "gray.5" },
];

export function Burndown({ project, period }: ReportProps) {
  const asked = useQuery(reportQueries.burndown(project, period));
  return (
    <Asked asked={asked}>{({ items }) => <Lines label={words.reports.burndown} items={items} series={LEFT} />}</Asked>
  );
}

export function Burnup({ project, period }: ReportProps) {
  const asked = useQuery(reportQueries.burnup(project, period));
  return (
    <Asked asked={asked}>{({ items }) => <Lines label={words.reports.burnup} items={items} series={DONE} />}</Asked>
  );
}

export function Flow({ project, period }: ReportProps) {
  const asked = useQuery(reportQueries.flow(project, period));
  const label = words.reports["cumulative-flow"];
  return (
    <Asked asked={asked}>
      {({ items }) => (
        <>
          <AreaChart
            h={HEIGHT}
            data={shown(items)}
            dataKey="day"
            type="stacked"
            series={named(STATES)}
            curveType="linear"
            withLegend
            withDots={false}
            role="img"
            aria-label={label}
          />
          <Table label={label} items={items} series={STATES} />
        </>
      )}
    </Asked>
  );
}

export function Throughput({ project, period }: ReportProps) {
  const asked = useQuery(reportQueries.throughput(project, period));
  const label = words.reports.throughput;
  return (
    <Asked asked={asked}>
      {({ items }) => (
        <>
          <BarChart
            h={HEIGHT}
            data={items.map((bucket) => ({ day: showDay(bucket.from), completed: bucket.completed }))}
            dataKey="day"
            series={named([{ name: "completed", color: "teal.7" }])}
            role="img"
            aria-label={label}
          />
          <Numbers
            label={label}
            headings={[words.series.from, words.series.to, words.series.completed]}
            rows={items.map((bucket) => ({
              key: bucket.from,
              cells: [showDay(bucket.from), showDay(bucket.to), bucket.completed],
            }))}
          />
        </>
      )}
    </Asked>
  );
}

function Lines({ label, items, series }: { label: string; items: Day[]; series: Series[] }) {
  return (
    <>
      <LineChart
        h={HEIGHT}
        data={shown(items)}
        dataKey="day"
        series={named(series)}
        curveType="linear"
        withLegend
        withDots={false}
        role="img"
        aria-label={label}
      />
      <Table label={label} items={items} series={series} />
    </>
  );
}

function Table({ label, items, series }: { label: string; items: Day[]; series: Series[] }) {
  return (
    <Numbers
      label={label}
      headings={[words.date, ...series.map(({ name }) => words.series[name])]}
      rows={items.map((item) => ({
        key: item.date,
        cells: [showDay(item.date), ...series.map(({ name }) => String(item[name]))],
      }))}
    />
  );
}

function shown<D extends Day>(items: D[]): (D & { day: string })[] {
  return items.map((item) => ({ ...item, day: showDay(item.date) }));
}

function named(series: Series[]): (Series & { label: string })[] {
  return series.map((one) => ({ ...one, label: words.series[one.name] }));
}
