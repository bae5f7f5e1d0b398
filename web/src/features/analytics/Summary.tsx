/** Where a project stands: a few numbers, and what they are made of. */

import { BarChart } from "@mantine/charts";
import { Paper, SimpleGrid, Text } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";

import { useProjectParts } from "@/features/projects/queries";
import { personName } from "@/features/tasks/pickers/choices";
import { texts } from "@/texts";

import { Asked } from "./Asked";
import { Numbers } from "./Numbers";
import { reportQueries } from "./queries";
import type { ReportProps } from "./Report";

const words = texts.analytics;
const named = words.series;

export function Summary({ project, period }: ReportProps) {
  const { statuses, members } = useProjectParts(project);
  const asked = useQuery(reportQueries.summary(project, period));
  const person = (id: string | null) => {
    const member = members.find(({ user }) => user.id === id);
    if (member !== undefined) return personName(member.user);
    return id === null ? texts.tasks.unassigned : texts.common.someone;
  };
  const nameOf = (status: string) => statuses.find(({ key }) => key === status)?.name ?? status;
  return (
    <Asked asked={asked}>
      {(report) => (
        <>
          <SimpleGrid cols={{ base: 2, sm: 4 }}>
            {(["open", "overdue", "created", "completed"] as const).map((name) => (
              <Paper key={name} withBorder p="md" component="section" aria-label={named[name]}>
                <Text size="sm" c="dimmed">
                  {named[name]}
                </Text>
                <Text size="xl" fw={700}>
                  {report[name]}
                </Text>
              </Paper>
            ))}
          </SimpleGrid>
          <BarChart
            h={260}
            data={report.by_status.map(({ status, count }) => ({ status: nameOf(status), count }))}
            dataKey="status"
            series={[{ name: "count", label: named.count, color: "blue.6" }]}
            yAxisProps={{ allowDecimals: false }}
            role="img"
            aria-label={words.byStatus}
          />
          <SimpleGrid cols={{ base: 1, md: 3 }}>
            <Numbers
              label={named.status}
              folded={false}
              headings={[named.status, named.count]}
              rows={report.by_status.map(({ status, count }) => ({
                key: status,
                cells: [nameOf(status), count],
              }))}
            />
            <Numbers
              label={named.person}
              folded={false}
              headings={[named.person, named.open, named.overdue]}
              rows={report.by_assignee.map((row) => ({
                key: row.user_id ?? "none",
                cells: [person(row.user_id), row.open, row.overdue],
              }))}
            />
            <Numbers
              label={named.priority}
              folded={false}
              headings={[named.priority, named.open]}
              rows={report.by_priority.map(({ priority, open }) => ({
                key: priority,
                cells: [texts.tasks.priorities[priority], open],
              }))}
            />
          </SimpleGrid>
        </>
      )}
    </Asked>
  );
}
