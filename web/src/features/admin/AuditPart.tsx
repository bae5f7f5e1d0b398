/** Every event of the service, with who did it and how. */

import { Group, NativeSelect, Text, TextInput } from "@mantine/core";
import { infiniteQueryOptions, useInfiniteQuery, useSuspenseQuery } from "@tanstack/react-query";
import { useState } from "react";

import { answer, api } from "@/api/client";
import type { operations } from "@/api/schema";
import { Pending } from "@/app/edges";
import { texts } from "@/texts";
import { Section } from "@/ui/forms/Section";
import { MoreButton } from "@/ui/MoreButton";
import { messageOf } from "@/ui/toasts";

import { Events } from "./Events";
import { useNarrowing } from "./narrowing";

const words = texts.admin.audit;
type Kind = NonNullable<NonNullable<operations["list_audit"]["parameters"]["query"]>["kind"]>[number];

const kindsQuery = {
  queryKey: ["admin", "kinds"],
  queryFn: async () =>
    (await answer(api.GET("/api/v1/changes/kinds"))).items
      .map(({ kind }) => kind)
      // These two are told to those who keep a copy, and stand in no log.
      .filter((kind): kind is Kind => kind !== "project.lost" && kind !== "project.gained"),
  staleTime: Infinity,
};

const auditQuery = (kind: Kind | undefined, project: string | undefined) =>
  infiniteQueryOptions({
    queryKey: ["admin", "audit", kind, project],
    queryFn: ({ pageParam }) =>
      answer(
        api.GET("/api/v1/audit", {
          params: {
            query: {
              limit: 50,
              ...(kind === undefined ? {} : { kind: [kind] }),
              ...(project === undefined ? {} : { project }),
              ...(pageParam === null ? {} : { cursor: pageParam }),
            },
          },
        }),
      ),
    initialPageParam: null as string | null,
    getNextPageParam: (page) => page.next_cursor,
    staleTime: 0,
  });

export default function AuditPart() {
  const [search, narrow] = useNarrowing("audit");
  const [typed, setTyped] = useState(search.project ?? "");
  const { data: kinds } = useSuspenseQuery(kindsQuery);
  const kind = kinds.find((one) => one === search.kind);
  const pages = useInfiniteQuery(auditQuery(kind, search.project));
  const events = pages.data?.pages.flatMap((page) => page.items);
  return (
    <Section title={words.title} text={words.text}>
      <Group align="flex-end">
        <NativeSelect
          label={words.kind}
          data={[{ value: "", label: words.all }, ...kinds.map((value) => ({ value, label: value }))]}
          value={kind ?? ""}
          onChange={(event) =>
            narrow({ kind: event.currentTarget.value === "" ? undefined : event.currentTarget.value })
          }
        />
        <form
          onSubmit={(event) => {
            event.preventDefault();
            narrow({ project: typed.trim() === "" ? undefined : typed.trim() });
          }}
        >
          <TextInput
            label={words.project}
            value={typed}
            onChange={(event) => setTyped(event.currentTarget.value.toUpperCase())}
          />
        </form>
      </Group>
      {pages.error !== null && <Text role="alert">{messageOf(pages.error)}</Text>}
      {events === undefined && pages.error === null && <Pending />}
      {events?.length === 0 && <Text c="dimmed">{words.none}</Text>}
      {events !== undefined && events.length > 0 && <Events events={events} />}
      <MoreButton pages={pages} />
    </Section>
  );
}
