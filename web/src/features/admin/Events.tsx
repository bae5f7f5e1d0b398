/** What happened, a row each, with the names of who did it. */

import { Table } from "@mantine/core";
import { useQueries, useQuery } from "@tanstack/react-query";

import { answer, api } from "@/api/client";
import type { AuditRead } from "@/api/schema";
import { personName } from "@/features/tasks/pickers/choices";
import { showDay, showInstant } from "@/format/dates";
import { texts } from "@/texts";
import { WideTable } from "@/ui/WideTable";

const words = texts.admin.audit;
const MOST_SHOWN = 300;
/** By the row itself: what it is about, when, and by whom. */
const SAID_ELSEWHERE: readonly string[] = ["id", "version", "created_at", "created_by"];

type Event = Omit<AuditRead, "changes"> & { changes: Record<string, unknown[]> };

const MOST_PEOPLE = 200;

/** Everybody, where they fit on one page: who is not there then has no account any more, and is not asked for. */
const peopleQuery = {
  queryKey: ["admin", "names"],
  queryFn: async () => {
    const query = { limit: MOST_PEOPLE, sort: "username" };
    const page = await answer(api.GET("/api/v1/users", { params: { query } }));
    return {
      names: new Map(page.items.map((user) => [user.id, personName(user)])),
      isWhole: page.next_cursor === null,
    };
  },
};

const nameQuery = (id: string) => ({
  queryKey: ["admin", "names", id],
  queryFn: async () => {
    const user = await answer(api.GET("/api/v1/users/{user_id}", { params: { path: { user_id: id } } }));
    return [id, personName(user)] as const;
  },
  retry: false,
  staleTime: Infinity,
});

export function Events({ events }: { events: readonly Event[] }) {
  const names = useNames(events);
  return (
    <WideTable label={words.list} minWidth={720}>
      <Table.Thead>
        <Table.Tr>
          {[words.when, words.what, words.who, words.where, words.changes].map((head) => (
            <Table.Th key={head}>{head}</Table.Th>
          ))}
        </Table.Tr>
      </Table.Thead>
      <Table.Tbody>
        {events.map((event) => (
          <Table.Tr key={event.id}>
            <Table.Td>{showInstant(event.at)}</Table.Td>
            <Table.Td>{event.kind}</Table.Td>
            <Table.Td miw={110} style={{ overflowWrap: "anywhere" }}>
              {event.actor_id === null ? words.service : (names.get(event.actor_id) ?? event.actor_id)}
              {words.means[event.actor_kind]}
            </Table.Td>
            <Table.Td miw={110} style={{ overflowWrap: "anywhere" }}>
              {event.subject_key ?? readable(event.subject_id, names)}
            </Table.Td>
            <Table.Td style={{ overflowWrap: "anywhere" }}>{changesOf(event, names)}</Table.Td>
          </Table.Tr>
        ))}
      </Table.Tbody>
    </WideTable>
  );
}

function useNames(events: readonly Event[]): ReadonlyMap<string, string> {
  const people = useQuery(peopleQuery).data;
  const actors = new Set(events.flatMap(({ actor_id }) => actor_id ?? []));
  const others = people === undefined || people.isWhole ? [] : [...actors].filter((id) => !people.names.has(id));
  const found = useQueries({ queries: others.map(nameQuery) });
  return new Map([...(people?.names ?? []), ...found.flatMap(({ data }) => (data === undefined ? [] : [data]))]);
}

function changesOf(event: Event, names: ReadonlyMap<string, string>): string {
  return Object.entries(event.changes)
    .filter(
      ([field, [before, after]]) => !SAID_ELSEWHERE.includes(field) && JSON.stringify(before) !== JSON.stringify(after),
    )
    .map(([field, [before, after]]) => {
      const now = readable(after, names);
      // Of what is new there is no state before.
      return `${field.replaceAll("_", " ")}: ${before === null ? now : `${readable(before, names)} → ${now}`}`;
    })
    .join(", ")
    .slice(0, MOST_SHOWN);
}

/** People by their names, dates as dates; of other ids as much as tells them apart. */
function readable(value: unknown, names: ReadonlyMap<string, string>): string {
  if (value === null || value === "") return texts.common.none;
  if (typeof value === "boolean") return value ? words.yes : words.no;
  if (typeof value !== "string") return JSON.stringify(value);
  if (/^\d{4}-\d{2}-\d{2}$/.test(value)) return showDay(value);
  if (/^\d{4}-\d{2}-\d{2}T.*Z$/.test(value)) return showInstant(value);
  if (/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/.test(value)) return names.get(value) ?? `…${value.slice(-6)}`;
  return value;
}
