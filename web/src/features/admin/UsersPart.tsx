/** Everybody who has an account. */

import { Group, NativeSelect, TextInput } from "@mantine/core";
import { infiniteQueryOptions, useInfiniteQuery } from "@tanstack/react-query";
import { useState } from "react";

import { answer, api } from "@/api/client";
import type { SystemRole } from "@/api/schema";
import { Pending } from "@/app/edges";
import type { AdminSearch } from "@/app/search";
import { texts } from "@/texts";
import { Rows } from "@/ui/forms/Rows";
import { Section } from "@/ui/forms/Section";
import { MoreButton } from "@/ui/MoreButton";

import { useNarrowing } from "./narrowing";
import { UserRow } from "./UserRow";

const words = texts.admin.users;
const ROLES = Object.keys(words.roles) as SystemRole[];

const usersQuery = ({ q, role, state }: AdminSearch) =>
  infiniteQueryOptions({
    queryKey: ["admin", "users", q, role, state],
    queryFn: ({ pageParam }) =>
      answer(
        api.GET("/api/v1/users", {
          params: {
            query: {
              limit: 50,
              sort: "username",
              ...(q === undefined ? {} : { q }),
              ...(role === undefined ? {} : { role: ROLES.find((one) => one === role) }),
              ...(state === undefined ? {} : { is_active: state === "active" }),
              ...(pageParam === null ? {} : { cursor: pageParam }),
            },
          },
        }),
      ),
    initialPageParam: null as string | null,
    getNextPageParam: (page) => page.next_cursor,
  });

export default function UsersPart() {
  const [search, narrow] = useNarrowing("users");
  const [typed, setTyped] = useState(search.q ?? "");
  const pages = useInfiniteQuery(usersQuery(search));
  return (
    <Section title={words.title} text={words.text}>
      <Group align="flex-end">
        <form
          role="search"
          onSubmit={(event) => {
            event.preventDefault();
            narrow({ q: typed.trim() === "" ? undefined : typed.trim() });
          }}
        >
          <TextInput
            type="search"
            w={260}
            label={words.find}
            value={typed}
            onChange={(event) => setTyped(event.currentTarget.value)}
          />
        </form>
        <NativeSelect
          label={words.role}
          data={[
            { value: "", label: words.everybody },
            ...ROLES.map((value) => ({ value, label: words.roles[value] })),
          ]}
          value={search.role ?? ""}
          onChange={(event) =>
            narrow({ role: event.currentTarget.value === "" ? undefined : event.currentTarget.value })
          }
        />
        <NativeSelect
          label={words.state}
          data={[
            { value: "", label: words.everybody },
            { value: "active", label: words.active },
            { value: "inactive", label: words.inactive },
          ]}
          value={search.state ?? ""}
          onChange={(event) =>
            narrow({ state: event.currentTarget.value === "" ? undefined : event.currentTarget.value })
          }
        />
      </Group>
      {pages.data === undefined ? (
        <Pending />
      ) : (
        <Rows label={words.list} items={pages.data.pages.flatMap((page) => page.items)} none={words.none}>
          {(user) => <UserRow user={user} />}
        </Rows>
      )}
      <MoreButton pages={pages} />
    </Section>
  );
}
