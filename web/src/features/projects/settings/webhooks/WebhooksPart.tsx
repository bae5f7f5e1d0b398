/** The services that are told what happens in a project. */

import { Stack } from "@mantine/core";
import { useSuspenseQuery } from "@tanstack/react-query";
import { useState } from "react";

import type { ProjectRead } from "@/api/schema";
import { texts } from "@/texts";
import { Rows } from "@/ui/forms/Rows";
import { Section } from "@/ui/forms/Section";

import { may } from "../../queries";
import { webhooksQuery } from "./queries";
import { WebhookForm } from "./WebhookForm";
import { WebhookRow } from "./WebhookRow";

const words = texts.automation.webhooks;

export default function WebhooksPart({ project }: { project: ProjectRead }) {
  const { data: webhooks } = useSuspenseQuery(webhooksQuery(project.key));
  const [edited, setEdited] = useState<string | null>(null);
  return (
    <Section title={words.title} text={words.text}>
      <Rows label={words.list} items={webhooks} none={words.none}>
        {(webhook) => (
          <Stack gap="xs">
            <WebhookRow
              project={project}
              webhook={webhook}
              isEdited={edited === webhook.id}
              onEdit={() => setEdited(edited === webhook.id ? null : webhook.id)}
            />
            {edited === webhook.id && (
              <WebhookForm project={project} webhook={webhook} onDone={() => setEdited(null)} />
            )}
          </Stack>
        )}
      </Rows>
      {may(project, "admin") && edited === null && <WebhookForm project={project} />}
    </Section>
  );
}
