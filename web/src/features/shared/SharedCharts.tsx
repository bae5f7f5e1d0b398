/** The reports of a shared project as pictures, in which nobody is named. */

import { SimpleGrid, Text, Title } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";

import type { SharedChart } from "@/api/schema";
import { Pending } from "@/app/edges";
import { texts } from "@/texts";
import { messageOf } from "@/ui/toasts";

import { type Opened, sharedChartQuery } from "./queries";
import classes from "./SharedPage.module.css";

const words = texts.sharedPage;
const CHARTS = Object.entries(words.chartTitles) as [SharedChart, string][];

export function SharedCharts({ opened }: { opened: Opened }) {
  return (
    <SimpleGrid cols={{ base: 1, md: 2 }}>
      {CHARTS.map(([chart, title]) => (
        <section key={chart} aria-label={title}>
          <Title order={2} size="h5" mb="xs">
            {title}
          </Title>
          <Chart opened={opened} chart={chart} title={title} />
        </section>
      ))}
    </SimpleGrid>
  );
}

function Chart({ opened, chart, title }: { opened: Opened; chart: SharedChart; title: string }) {
  const { data, error } = useQuery(sharedChartQuery(opened, chart));
  if (error !== null) return <Text role="alert">{messageOf(error)}</Text>;
  if (data === undefined) return <Pending />;
  // As a picture, so that nothing in it could run.
  return <img className={classes.chart} alt={title} src={`data:image/svg+xml;utf8,${encodeURIComponent(data)}`} />;
}
