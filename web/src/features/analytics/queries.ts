/** Reports as queries. Key: ["analytics", KEY, report, parameters]. */

import { queryOptions } from "@tanstack/react-query";

import { answer, api, authorized } from "@/api/client";
import { problemOf } from "@/api/problems";

export type Period = { from: string; to: string; filter?: string };

const asked = (project: string, query: Period) => ({ params: { path: { project }, query } });

type Asked<T> = Parameters<typeof answer<T>>[0];

/** Reports also come as CSV and SVG, which are texts; these are asked for as JSON. */
async function report<T>(asked: Asked<T>): Promise<Exclude<T, string>> {
  return (await answer(asked)) as Exclude<T, string>;
}

/** One entry a report, so that each has its own type. */
export const reportQueries = {
  summary: (project: string, period: Period) =>
    queryOptions({
      queryKey: ["analytics", project, "summary", period],
      queryFn: () => report(api.GET("/api/v1/projects/{project}/analytics/summary", asked(project, period))),
    }),
  burndown: (project: string, period: Period) =>
    queryOptions({
      queryKey: ["analytics", project, "burndown", period],
      queryFn: () => report(api.GET("/api/v1/projects/{project}/analytics/burndown", asked(project, period))),
    }),
  burnup: (project: string, period: Period) =>
    queryOptions({
      queryKey: ["analytics", project, "burnup", period],
      queryFn: () => report(api.GET("/api/v1/projects/{project}/analytics/burnup", asked(project, period))),
    }),
  flow: (project: string, period: Period) =>
    queryOptions({
      queryKey: ["analytics", project, "cumulative-flow", period],
      queryFn: () => report(api.GET("/api/v1/projects/{project}/analytics/cumulative-flow", asked(project, period))),
    }),
  cycleTime: (project: string, period: Period) =>
    queryOptions({
      queryKey: ["analytics", project, "cycle-time", period],
      queryFn: () => report(api.GET("/api/v1/projects/{project}/analytics/cycle-time", asked(project, period))),
    }),
  leadTime: (project: string, period: Period) =>
    queryOptions({
      queryKey: ["analytics", project, "lead-time", period],
      queryFn: () => report(api.GET("/api/v1/projects/{project}/analytics/lead-time", asked(project, period))),
    }),
  throughput: (project: string, period: Period) =>
    queryOptions({
      queryKey: ["analytics", project, "throughput", period],
      queryFn: () => report(api.GET("/api/v1/projects/{project}/analytics/throughput", asked(project, period))),
    }),
  workload: (project: string, period: Period) =>
    queryOptions({
      queryKey: ["analytics", project, "workload", period],
      queryFn: () => report(api.GET("/api/v1/projects/{project}/analytics/workload", asked(project, period))),
    }),
  ageing: (project: string, period: Period) =>
    queryOptions({
      queryKey: ["analytics", project, "ageing", period],
      queryFn: () => report(api.GET("/api/v1/projects/{project}/analytics/ageing", asked(project, period))),
    }),
  time: (project: string, period: Period) =>
    queryOptions({
      queryKey: ["analytics", project, "time", period],
      queryFn: () => report(api.GET("/api/v1/projects/{project}/analytics/time", asked(project, period))),
    }),
  forecast: (project: string, period: Period) =>
    queryOptions({
      queryKey: ["analytics", project, "forecast", period],
      queryFn: () => report(api.GET("/api/v1/projects/{project}/analytics/forecast", asked(project, period))),
    }),
};

/** The same report as a file that the service makes. */
export async function reportFile(
  project: string,
  report: string,
  period: Period,
  format: "csv" | "svg",
): Promise<Blob> {
  const query = new URLSearchParams({ ...period, format });
  if (period.filter === undefined) query.delete("filter");
  const address = new URL(`/api/v1/projects/${project}/analytics/${report}?${query}`, window.location.origin);
  const response = await authorized(new Request(address));
  if (!response.ok) throw problemOf(response, await response.json().catch(() => null));
  return response.blob();
}
