/** Addresses by which others read a project without an account. */

import { Badge, Checkbox, Group, Stack, Text, TextInput } from "@mantine/core";
import { queryOptions, useSuspenseQuery } from "@tanstack/react-query";
import { useState } from "react";

import { answer, api } from "@/api/client";
import type { ProjectRead, ShareLinkCreate, ShareLinkRead } from "@/api/schema";
import { dayOf, showAgo, showDay, today } from "@/format/dates";
import { texts } from "@/texts";
import { ConfirmButton } from "@/ui/forms/ConfirmButton";
import { Rows } from "@/ui/forms/Rows";
import { SecretOnce } from "@/ui/forms/SecretOnce";
import { Section } from "@/ui/forms/Section";
import { useWrite } from "@/ui/forms/useWrite";
import { WriteForm } from "@/ui/forms/WriteForm";

import { may } from "../queries";

const words = texts.projectSettings.shareLinks;

const linksQuery = (project: string) =>
  queryOptions({
    queryKey: ["project", project, "share-links"],
    queryFn: async () =>
      (
        await answer(
          api.GET("/api/v1/projects/{project}/share-links", { params: { path: { project }, query: { limit: 200 } } }),
        )
      ).items,
  });

export default function ShareLinksPart({ project }: { project: ProjectRead }) {
  const { data: links } = useSuspenseQuery(linksQuery(project.key));
  const revoke = useWrite(
    (id: string) =>
      answer(
        api.DELETE("/api/v1/projects/{project}/share-links/{link_id}", {
          params: { path: { project: project.key, link_id: id } },
        }),
      ),
    { loud: true, stale: [linksQuery(project.key).queryKey] },
  );
  return (
    <Section title={words.title} text={words.text}>
      {may(project, "admin") && <NewLink project={project} />}
      <Rows label={words.list} items={links} none={words.none}>
        {(link) => (
          <Group justify="space-between" wrap="nowrap">
            <Stack gap={2}>
              <Group gap="xs">
                <Text>{link.label ?? words.unnamed}</Text>
                {!link.active && <Badge color="gray">{words.over}</Badge>}
              </Group>
              <Text size="sm" c="dimmed">
                {detailsOf(link)}
              </Text>
            </Stack>
            <ConfirmButton
              label={words.revoke}
              ariaLabel={words.revokeOf(link.label ?? words.unnamed)}
              question={words.question}
              loading={revoke.sending === link.id}
              onConfirm={() => revoke.send(link.id)}
            />
          </Group>
        )}
      </Rows>
    </Section>
  );
}

function detailsOf(link: ShareLinkRead): string {
  return [
    link.has_password ? words.withPassword : null,
    link.attachments ? words.withFiles : null,
    link.expires_at === null ? null : words.until(showDay(dayOf(link.expires_at))),
    link.last_used_at === null ? words.unused : words.used(showAgo(link.last_used_at)),
  ]
    .filter((part) => part !== null)
    .join(", ");
}

function NewLink({ project }: { project: ProjectRead }) {
  const [label, setLabel] = useState("");
  const [password, setPassword] = useState("");
  const [until, setUntil] = useState("");
  const [files, setFiles] = useState(false);
  const write = useWrite(
    (body: ShareLinkCreate) =>
      answer(api.POST("/api/v1/projects/{project}/share-links", { params: { path: { project: project.key } }, body })),
    {
      stale: [linksQuery(project.key).queryKey],
      done: () => {
        setLabel("");
        setPassword("");
        setUntil("");
        setFiles(false);
      },
    },
  );
  const create = () =>
    write.send({
      label: label.trim() === "" ? null : label.trim(),
      password: password === "" ? null : password,
      attachments: files,
      expires_at: until === "" ? null : new Date(`${until}T23:59:59`).toISOString(),
    });
  return (
    <>
      {write.data !== undefined && (
        <SecretOnce title={words.made} secret={write.data.url} onClose={() => write.reset()} />
      )}
      <WriteForm write={write} fields={["label", "password", "expires_at"]} button={words.button} onSubmit={create}>
        <Group align="flex-start">
          <TextInput
            label={words.label}
            value={label}
            onChange={(event) => setLabel(event.currentTarget.value)}
            error={write.about("label")}
          />
          <TextInput
            label={words.password}
            placeholder={words.passwordHint}
            autoComplete="off"
            w={240}
            value={password}
            onChange={(event) => setPassword(event.currentTarget.value)}
            error={write.about("password")}
          />
          <TextInput
            type="date"
            label={words.expires}
            min={today()}
            value={until}
            onChange={(event) => setUntil(event.currentTarget.value)}
            error={write.about("expires_at")}
          />
        </Group>
        <Checkbox label={words.files} checked={files} onChange={(event) => setFiles(event.currentTarget.checked)} />
      </WriteForm>
    </>
  );
}
