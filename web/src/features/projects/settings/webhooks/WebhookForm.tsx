/** Which service is told of what; the secret of a new one is shown once. */

import { MultiSelect, TextInput } from "@mantine/core";
import { useState } from "react";

import { answer, api } from "@/api/client";
import type { ProjectRead, WebhookCreate, WebhookRead, WebhookUpdate } from "@/api/schema";
import { texts } from "@/texts";
import { SecretOnce } from "@/ui/forms/SecretOnce";
import { useWrite } from "@/ui/forms/useWrite";
import { WriteForm } from "@/ui/forms/WriteForm";

import { choicesOf } from "./events";
import { webhooksQuery } from "./queries";

const words = texts.automation.webhooks;

type Props = { project: ProjectRead; webhook?: WebhookRead; onDone?: () => void };

export function WebhookForm({ project, webhook, onDone }: Props) {
  const [url, setUrl] = useState(webhook?.url ?? "");
  const [description, setDescription] = useState(webhook?.description ?? "");
  const [events, setEvents] = useState<string[]>(webhook?.events ?? ["task.*"]);
  const choices = choicesOf(webhook?.events ?? []);
  const path = { project: project.key };
  const after = { stale: [webhooksQuery(project.key).queryKey], codes: { url_not_allowed: "url" } };
  const create = useWrite(
    (body: WebhookCreate) => answer(api.POST("/api/v1/projects/{project}/webhooks", { params: { path }, body })),
    {
      ...after,
      done: () => {
        setUrl("");
        setDescription("");
      },
    },
  );
  const change = useWrite(
    ({ id, ...body }: WebhookUpdate & { id: string }) =>
      answer(
        api.PATCH("/api/v1/projects/{project}/webhooks/{webhook_id}", {
          params: { path: { ...path, webhook_id: id } },
          body,
        }),
      ),
    { ...after, done: onDone },
  );
  const write = webhook === undefined ? create : change;
  const save = () => {
    const body = {
      url: url.trim(),
      events: choices.filter((event) => events.includes(event)),
      description: description.trim() === "" ? null : description.trim(),
    };
    if (webhook === undefined) create.send(body);
    else change.send({ id: webhook.id, ...body });
  };
  return (
    <>
      {create.data !== undefined && (
        <SecretOnce title={words.secret} secret={create.data.secret} onClose={() => create.reset()} />
      )}
      <WriteForm
        write={write}
        fields={["url", "events", "description"]}
        button={webhook === undefined ? words.button : texts.common.save}
        label={webhook === undefined ? words.button : words.editOf(webhook.url)}
        onSubmit={save}
      >
        <TextInput
          maw={520}
          type="url"
          label={words.url}
          placeholder={words.urlHint}
          required
          value={url}
          onChange={(event) => setUrl(event.currentTarget.value)}
          error={write.about("url")}
        />
        <MultiSelect
          maw={520}
          label={words.events}
          required
          searchable
          data={choices}
          value={events}
          onChange={setEvents}
          error={write.about("events")}
        />
        <TextInput
          maw={520}
          label={words.description}
          value={description}
          onChange={(event) => setDescription(event.currentTarget.value)}
          error={write.about("description")}
        />
      </WriteForm>
    </>
  );
}
