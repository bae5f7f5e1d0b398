/** When what is left may be done, with what that takes for granted. */

import { List, Paper, SimpleGrid, Text, Title } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";

import { showDay } from "@/format/dates";
import { texts } from "@/texts";

import { Asked } from "./Asked";
import { reportQueries } from "./queries";
import type { ReportProps } from "./Report";

const words = texts.analytics.forecast;

export function Forecast({ project, period }: ReportProps) {
  const asked = useQuery(reportQueries.forecast(project, period));
  return (
    <Asked asked={asked}>
      {(report) => (
        <>
          <Text>{`${words.remaining(report.remaining)} ${words.history(report.completed, report.history_days)}`}</Text>
          <SimpleGrid cols={{ base: 1, sm: 3 }}>
            {(["p50", "p85", "p95"] as const).map((chance) => {
              const day = report[`${chance}_on`];
              return (
                <Paper key={chance} withBorder p="md" component="section" aria-label={words[chance]}>
                  <Text size="sm" c="dimmed">
                    {words[chance]}
                  </Text>
                  <Text size="xl" fw={700}>
                    {day === null ? words.never : showDay(day)}
                  </Text>
                </Paper>
              );
            })}
          </SimpleGrid>
          <Title order={2} size="h5">
            {words.assumptions}
          </Title>
          <List size="sm">
            {report.assumptions.map((assumption) => (
              <List.Item key={assumption}>{assumption.replace(/\d{4}-\d{2}-\d{2}/g, (day) => showDay(day))}</List.Item>
            ))}
          </List>
        </>
      )}
    </Asked>
  );
}
