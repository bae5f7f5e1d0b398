/** The providers with which one signs in besides the password. */

import { Group, Stack, Text } from "@mantine/core";
import { useSuspenseQuery } from "@tanstack/react-query";

import { answer, api } from "@/api/client";
import { showAgo } from "@/format/dates";
import { texts } from "@/texts";
import { ConfirmButton } from "@/ui/forms/ConfirmButton";
import { Rows } from "@/ui/forms/Rows";
import { Section } from "@/ui/forms/Section";
import { useWrite } from "@/ui/forms/useWrite";

import { identitiesQuery } from "./queries";

const words = texts.account.identities;

export default function IdentitiesPart() {
  const { data: identities } = useSuspenseQuery(identitiesQuery);
  const remove = useWrite(
    (id: string) =>
      answer(api.DELETE("/api/v1/auth/identities/{identity_id}", { params: { path: { identity_id: id } } })),
    { loud: true, stale: [identitiesQuery.queryKey] },
  );
  return (
    <Section title={words.title} text={words.text}>
      <Rows label={words.list} items={identities} none={words.none}>
        {(identity) => (
          <Group justify="space-between" wrap="nowrap">
            <Stack gap={2}>
              <Text>{identity.email ?? identity.subject}</Text>
              <Text size="sm" c="dimmed">
                {identity.issuer}, {words.used(showAgo(identity.last_used_at))}
              </Text>
            </Stack>
            <ConfirmButton
              label={words.remove}
              ariaLabel={words.removeOf(identity.email ?? identity.subject)}
              question={words.question}
              loading={remove.sending === identity.id}
              onConfirm={() => remove.send(identity.id)}
            />
          </Group>
        )}
      </Rows>
    </Section>
  );
}
