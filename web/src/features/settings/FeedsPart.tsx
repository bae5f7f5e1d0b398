/** Addresses to which calendar programs subscribe. */

import { Group, NativeSelect, Stack, Text, TextInput } from "@mantine/core";
import { useSuspenseQuery } from "@tanstack/react-query";
import { useState } from "react";

import { answer, api } from "@/api/client";
import type { EntryKind, FeedCreate } from "@/api/schema";
import { useProjects } from "@/features/projects/queries";
import { texts } from "@/texts";
import { ConfirmButton } from "@/ui/forms/ConfirmButton";
import { Rows } from "@/ui/forms/Rows";
import { SecretOnce } from "@/ui/forms/SecretOnce";
import { Section } from "@/ui/forms/Section";
import { useWrite } from "@/ui/forms/useWrite";
import { WriteForm } from "@/ui/forms/WriteForm";

import { feedsQuery } from "./queries";

const words = texts.account.feeds;
const KINDS = (Object.keys(words.kinds) as EntryKind[]).map((value) => ({ value, label: words.kinds[value] }));

export default function FeedsPart() {
  const { data: feeds } = useSuspenseQuery(feedsQuery);
  const projects = useProjects();
  const revoke = useWrite(
    (id: string) => answer(api.DELETE("/api/v1/users/me/feeds/{feed_id}", { params: { path: { feed_id: id } } })),
    { loud: true, stale: [feedsQuery.queryKey] },
  );
  return (
    <Section title={words.title} text={words.text}>
      <NewFeed />
      <Rows label={words.list} items={feeds} none={words.none}>
        {(feed) => (
          <Group justify="space-between" wrap="nowrap">
            <Stack gap={2}>
              <Text>{feed.label ?? words.unnamed}</Text>
              <Text size="sm" c="dimmed">
                {projects.find((project) => project.id === feed.project_id)?.name ?? words.all} · {feed.filter ?? ""}{" "}
                {words.kinds[feed.kind]}
              </Text>
            </Stack>
            <ConfirmButton
              label={words.remove}
              ariaLabel={words.removeOf(feed.label ?? words.unnamed)}
              question={words.question}
              loading={revoke.sending === feed.id}
              onConfirm={() => revoke.send(feed.id)}
            />
          </Group>
        )}
      </Rows>
    </Section>
  );
}

function NewFeed() {
  const projects = useProjects();
  const [label, setLabel] = useState("");
  const [project, setProject] = useState("");
  const [filter, setFilter] = useState("");
  const [kind, setKind] = useState<string>("event");
  const write = useWrite((body: FeedCreate) => answer(api.POST("/api/v1/users/me/feeds", { body })), {
    stale: [feedsQuery.queryKey],
    done: () => setLabel(""),
  });
  const create = () =>
    write.send({
      kind: kind === "todo" ? "todo" : "event",
      label: label.trim() === "" ? null : label.trim(),
      project: project === "" ? null : project,
      filter: filter.trim() === "" ? null : filter.trim(),
    });
  return (
    <>
      {write.data !== undefined && (
        <SecretOnce title={words.made} secret={write.data.url} onClose={() => write.reset()} />
      )}
      <WriteForm write={write} fields={["label", "filter"]} button={words.button} onSubmit={create}>
        <TextInput
          maw={420}
          label={words.label}
          value={label}
          onChange={(event) => setLabel(event.currentTarget.value)}
          error={write.about("label")}
        />
        <NativeSelect
          maw={420}
          label={words.project}
          data={[{ value: "", label: words.all }, ...projects.map(({ key, name }) => ({ value: key, label: name }))]}
          value={project}
          onChange={(event) => setProject(event.currentTarget.value)}
        />
        <TextInput
          maw={420}
          label={words.filter}
          description={words.filterHint}
          value={filter}
          onChange={(event) => setFilter(event.currentTarget.value)}
          error={write.about("filter")}
        />
        <NativeSelect
          maw={420}
          label={words.kind}
          data={KINDS}
          value={kind}
          onChange={(event) => setKind(event.currentTarget.value)}
        />
      </WriteForm>
    </>
  );
}
