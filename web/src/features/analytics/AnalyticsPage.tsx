/** The numbers of a project: one report at a time, over days of one's choice, to look at and to take along. */

import { Button, Group, NativeSelect, Stack, TextInput } from "@mantine/core";
import { IconDownload } from "@tabler/icons-react";
import { useNavigate, useParams, useSearch } from "@tanstack/react-router";
import { lazy, Suspense, useState } from "react";

import { Pending } from "@/app/edges";
import type { ProjectSearch } from "@/app/search";
import { addDays, today } from "@/format/dates";
import { FilterBar } from "@/features/tasks/filters/FilterBar";
import { texts } from "@/texts";
import { tellProblem } from "@/ui/toasts";

import { saveCsv, savePng } from "./saving";

// The drawing library is as large as the rest of the page.
const Report = lazy(() => import("./Report"));

export type ReportName = keyof typeof texts.analytics.reports;
const words = texts.analytics;
const NAMES = Object.keys(words.reports) as ReportName[];
const DAYS = [7, 14, 30, 90, 180, 365];

export default function AnalyticsPage() {
  const { project } = useParams({ from: "/signed-in/projects/$project" });
  const search = useSearch({ from: "/signed-in/projects/$project" });
  const navigate = useNavigate();
  const report = NAMES.find((name) => name === search.report) ?? "summary";
  const days = search.days ?? 30;
  const from = search.from ?? addDays(today(), 1 - days);
  const period = { from, to: addDays(from, days - 1), filter: search.filter };
  const change = (next: Partial<ProjectSearch>) =>
    void navigate({ to: ".", search: (before) => ({ ...before, ...next }), replace: true });

  return (
    <Stack gap="sm">
      <FilterBar project={project} />
      <Group align="flex-end">
        <NativeSelect
          label={words.choose}
          value={report}
          onChange={(event) => change({ report: event.currentTarget.value })}
          data={NAMES.map((name) => ({ value: name, label: words.reports[name] }))}
        />
        <TextInput
          type="date"
          label={words.from}
          value={from}
          onChange={(event) => change({ from: event.currentTarget.value || undefined })}
        />
        <NativeSelect
          label={words.days}
          value={String(days)}
          onChange={(event) => change({ days: Number(event.currentTarget.value), from: undefined })}
          data={[...new Set([...DAYS, days])].sort((a, b) => a - b).map(String)}
        />
        <Take label={words.csv} take={() => saveCsv(project, report, period)} />
        <Take label={words.png} take={() => savePng(project, report, period)} />
      </Group>
      <Suspense fallback={<Pending />}>
        <Report key={report} project={project} report={report} period={period} />
      </Suspense>
    </Stack>
  );
}

function Take({ label, take }: { label: string; take: () => Promise<void> }) {
  const [isPending, setPending] = useState(false);
  const press = async () => {
    setPending(true);
    try {
      await take();
    } catch (error) {
      tellProblem(error);
    } finally {
      setPending(false);
    }
  };
  return (
    <Button variant="default" leftSection={<IconDownload size={16} aria-hidden />} loading={isPending} onClick={press}>
      {label}
    </Button>
  );
}
