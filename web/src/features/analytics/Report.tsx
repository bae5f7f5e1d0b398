/** The chosen report, drawn. Loaded when somebody opens the page of numbers. */

import "@mantine/charts/styles.css";

import type { ReportName } from "./AnalyticsPage";
import { Burndown, Burnup, Flow, Throughput } from "./charts";
import { CycleTime, LeadTime } from "./durations";
import { Forecast } from "./Forecast";
import type { Period } from "./queries";
import { Summary } from "./Summary";
import { Ageing, Time, Workload } from "./tables";

export type ReportProps = { project: string; period: Period };

const DRAWN: Record<ReportName, (props: ReportProps) => React.ReactNode> = {
  summary: Summary,
  burndown: Burndown,
  burnup: Burnup,
  "cumulative-flow": Flow,
  "cycle-time": CycleTime,
  "lead-time": LeadTime,
  throughput: Throughput,
  workload: Workload,
  ageing: Ageing,
  time: Time,
  forecast: Forecast,
};

export default function Report({ report, ...props }: ReportProps & { report: ReportName }) {
  const Drawn = DRAWN[report];
  return <Drawn {...props} />;
}
