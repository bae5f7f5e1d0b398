/** How the service is: whether it takes requests, and what it is made of. */

import { Table } from "@mantine/core";
import { useSuspenseQuery } from "@tanstack/react-query";

import { answer, api } from "@/api/client";
import type { Ready } from "@/api/schema";
import { texts } from "@/texts";
import { Section } from "@/ui/forms/Section";
import { messageOf } from "@/ui/toasts";

const words = texts.admin.health;
const EVERY_MS = 10_000;

const healthQuery = {
  queryKey: ["admin", "health"],
  queryFn: async () => {
    // A service that is not ready refuses this one, and tells why.
    const readiness = answer(api.GET("/health/ready")).catch(messageOf);
    return { health: await answer(api.GET("/health")), ready: await readiness };
  },
  refetchInterval: EVERY_MS,
};

export default function HealthPart() {
  const {
    data: { health, ready },
  } = useSuspenseQuery(healthQuery);
  const rows: [string, [string, string][]][] = [
    [
      words.title,
      [
        [words.version, health.version],
        [words.ready, typeof ready === "string" ? ready : ready.status],
        ...(typeof ready === "string" ? [] : [writes(ready)]),
      ],
    ],
    [words.checks, typeof ready === "string" ? [] : Object.entries(ready.checks)],
    [words.components, Object.entries(health.components ?? {})],
  ];
  return rows.map(([title, entries]) => (
    <Section key={title} title={title}>
      <Table maw={560} aria-label={title}>
        <Table.Tbody>
          {entries.map(([name, value]) => (
            <Table.Tr key={name}>
              <Table.Th scope="row">{name}</Table.Th>
              <Table.Td>{value}</Table.Td>
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
    </Section>
  ));
}

function writes(ready: Ready): [string, string] {
  return [words.writes, ready.writes ? words.yes : words.no];
}
