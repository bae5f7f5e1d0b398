/** What a webhook sent and what came back, newest first. */

import { Badge, Button, Code, Group, Stack, Text } from "@mantine/core";
import { useSuspenseQuery } from "@tanstack/react-query";
import { useState } from "react";

import { answer, api } from "@/api/client";
import type { DeliveryRead, ProjectRead, WebhookRead } from "@/api/schema";
import { showAgo, showInstant } from "@/format/dates";
import { texts } from "@/texts";
import { Rows } from "@/ui/forms/Rows";
import { useWrite } from "@/ui/forms/useWrite";
import { tell } from "@/ui/toasts";

import { deliveriesQuery } from "./queries";

const words = texts.automation.webhooks;
const COLORS = { pending: "gray", delivered: "teal", failed: "red" };

export function Deliveries({ project, webhook }: { project: ProjectRead; webhook: WebhookRead }) {
  const query = deliveriesQuery(project.key, webhook.id);
  const { data: deliveries } = useSuspenseQuery(query);
  const [open, setOpen] = useState<string | null>(null);
  const again = useWrite(
    (id: string) =>
      answer(
        api.POST("/api/v1/projects/{project}/webhooks/{webhook_id}/deliveries/{delivery_id}/redeliver", {
          params: { path: { project: project.key, webhook_id: webhook.id, delivery_id: id } },
        }),
      ),
    { loud: true, stale: [query.queryKey], done: () => tell(words.redelivered) },
  );
  return (
    <Rows label={words.deliveriesOf(webhook.url)} items={deliveries} none={words.noDeliveries}>
      {(delivery) => (
        <Stack gap="xs">
          <Group justify="space-between">
            <Group gap="xs">
              <Badge color={COLORS[delivery.status]} variant="outline" tt="none">
                {words.statuses[delivery.status]}
              </Badge>
              <Text size="sm">{delivery.type}</Text>
              <Text size="sm" c="dimmed">
                {showInstant(delivery.created_at)}, {words.attempts(delivery.attempts)}
                {delivery.next_attempt_at === null ? "" : `, ${words.next(showAgo(delivery.next_attempt_at))}`}
              </Text>
            </Group>
            <Group gap="xs">
              <Button
                size="compact-sm"
                variant="default"
                aria-label={words.details(delivery.type)}
                aria-expanded={open === delivery.id}
                onClick={() => setOpen(open === delivery.id ? null : delivery.id)}
              >
                {delivery.answer === null ? words.noAnswer : words.answer(delivery.answer.status)}
              </Button>
              <Button
                size="compact-sm"
                variant="default"
                aria-label={words.redeliverOf(delivery.type)}
                loading={again.sending === delivery.id}
                onClick={() => again.send(delivery.id)}
              >
                {words.redeliver}
              </Button>
            </Group>
          </Group>
          {delivery.error !== null && <Text size="sm">{words.errors[delivery.error]}</Text>}
          {open === delivery.id && <Details delivery={delivery} />}
        </Stack>
      )}
    </Rows>
  );
}

function Details({ delivery: { request, answer: answered } }: { delivery: DeliveryRead }) {
  const block = { whiteSpace: "pre-wrap", overflowWrap: "anywhere" } as const;
  return (
    <Stack gap="xs">
      <Text size="sm">{words.request}</Text>
      <Code block style={block}>
        {headers(request.headers ?? {})}
        {"\n\n"}
        {pretty(request.body ?? "")}
      </Code>
      {answered !== null && (
        <>
          <Text size="sm">{words.answer(answered.status)}</Text>
          <Code block style={block}>
            {headers(answered.headers)}
            {"\n\n"}
            {answered.body}
          </Code>
        </>
      )}
    </Stack>
  );
}

function headers(all: Record<string, string>): string {
  return Object.entries(all)
    .map(([name, value]) => `${name}: ${value}`)
    .join("\n");
}

function pretty(body: string): string {
  try {
    return JSON.stringify(JSON.parse(body), null, 2);
  } catch {
    return body;
  }
}
