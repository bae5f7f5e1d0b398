/** One webhook: whether it is on, its secret, and what it sent. */

import { Alert, Badge, Button, Group, Stack, Switch, Text } from "@mantine/core";
import { useDisclosure } from "@mantine/hooks";
import { Suspense } from "react";

import { answer, api } from "@/api/client";
import type { ProjectRead, WebhookRead, WebhookUpdate } from "@/api/schema";
import { Pending } from "@/app/edges";
import { texts } from "@/texts";
import { ConfirmButton } from "@/ui/forms/ConfirmButton";
import { SecretOnce } from "@/ui/forms/SecretOnce";
import { useWrite } from "@/ui/forms/useWrite";
import { tell } from "@/ui/toasts";

import { may } from "../../queries";
import { Deliveries } from "./Deliveries";
import { deliveriesQuery, webhooksQuery } from "./queries";

const words = texts.automation.webhooks;

type Props = { project: ProjectRead; webhook: WebhookRead; isEdited: boolean; onEdit: () => void };

export function WebhookRow({ project, webhook, isEdited, onEdit }: Props) {
  const [opened, deliveries] = useDisclosure();
  const { url } = webhook;
  const params = { path: { project: project.key, webhook_id: webhook.id } };
  const stale = [webhooksQuery(project.key).queryKey];
  const change = useWrite(
    (body: WebhookUpdate) => answer(api.PATCH("/api/v1/projects/{project}/webhooks/{webhook_id}", { params, body })),
    { loud: true, stale },
  );
  const ping = useWrite(() => answer(api.POST("/api/v1/projects/{project}/webhooks/{webhook_id}/ping", { params })), {
    loud: true,
    stale: [deliveriesQuery(project.key, webhook.id).queryKey],
    done: () => {
      tell(words.pinged);
      deliveries.open();
    },
  });
  const rotate = useWrite(
    () => answer(api.POST("/api/v1/projects/{project}/webhooks/{webhook_id}/rotate-secret", { params })),
    { loud: true, stale },
  );
  const remove = useWrite(() => answer(api.DELETE("/api/v1/projects/{project}/webhooks/{webhook_id}", { params })), {
    loud: true,
    stale,
  });
  return (
    <Stack gap="xs">
      <Group justify="space-between">
        <Stack gap={4}>
          <Text style={{ overflowWrap: "anywhere" }}>{url}</Text>
          <Text size="sm" c="dimmed">
            {webhook.description}
          </Text>
          <Group gap={4}>
            {webhook.events.map((event) => (
              <Badge key={event} variant="default" tt="none">
                {event}
              </Badge>
            ))}
          </Group>
        </Stack>
        <Group gap="xs">
          <Switch
            label={words.active}
            aria-label={words.activeOf(url)}
            checked={change.sending?.is_active ?? webhook.is_active}
            disabled={!may(project, "admin")}
            onChange={(event) => change.send({ is_active: event.currentTarget.checked })}
          />
          {may(project, "admin") && (
            <>
              <Button
                size="compact-sm"
                variant="default"
                aria-label={words.editOf(url)}
                aria-expanded={isEdited}
                onClick={onEdit}
              >
                {texts.common.edit}
              </Button>
              <Button
                size="compact-sm"
                variant="default"
                aria-label={words.pingOf(url)}
                loading={ping.isPending}
                onClick={() => ping.send()}
              >
                {words.ping}
              </Button>
            </>
          )}
          <Button
            size="compact-sm"
            variant="default"
            aria-label={words.deliveriesOf(url)}
            aria-expanded={opened}
            onClick={deliveries.toggle}
          >
            {words.deliveries}
          </Button>
          {may(project, "admin") && (
            <ConfirmButton
              label={words.rotate}
              ariaLabel={words.rotateOf(url)}
              question={words.rotateQuestion}
              loading={rotate.isPending}
              onConfirm={() => rotate.send()}
            />
          )}
          <ConfirmButton
            label={words.deleteButton}
            ariaLabel={texts.projectSettings.deleteOf(url)}
            question={words.deleteQuestion}
            loading={remove.isPending}
            onConfirm={() => remove.send()}
          />
        </Group>
      </Group>
      {webhook.disabled_reason !== null && <Alert color="yellow">{words.reasons[webhook.disabled_reason]}</Alert>}
      {rotate.data !== undefined && (
        <SecretOnce title={words.secret} secret={rotate.data.secret} onClose={() => rotate.reset()} />
      )}
      {opened && (
        <Suspense fallback={<Pending />}>
          <Deliveries project={project} webhook={webhook} />
        </Suspense>
      )}
    </Stack>
  );
}
