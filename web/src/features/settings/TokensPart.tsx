/** Personal API tokens: those that are there, with what they may and when they were used. */

import { Badge, Group, Stack, Text } from "@mantine/core";
import { useSuspenseQuery } from "@tanstack/react-query";

import { answer, api } from "@/api/client";
import { useProjects } from "@/features/projects/queries";
import { dayOf, showAgo, showDay } from "@/format/dates";
import { texts } from "@/texts";
import { ConfirmButton } from "@/ui/forms/ConfirmButton";
import { Rows } from "@/ui/forms/Rows";
import { Section } from "@/ui/forms/Section";
import { useWrite } from "@/ui/forms/useWrite";

import { NewToken } from "./NewToken";
import { tokensQuery } from "./queries";

const words = texts.account.tokens;

export default function TokensPart() {
  const { data: tokens } = useSuspenseQuery(tokensQuery);
  const projects = useProjects();
  const namesOf = (ids: readonly string[]) =>
    ids.map((id) => projects.find((project) => project.id === id)?.name ?? words.lostProject).join(", ");
  const revoke = useWrite(
    (id: string) => answer(api.DELETE("/api/v1/auth/tokens/{token_id}", { params: { path: { token_id: id } } })),
    { loud: true, stale: [tokensQuery.queryKey] },
  );
  return (
    <Section title={words.title} text={words.text}>
      <NewToken />
      <Rows label={words.list} items={tokens} none={words.none}>
        {(token) => (
          <Group justify="space-between" wrap="nowrap" align="flex-start">
            <Stack gap={4}>
              <Text>
                {token.name} <Text span c="dimmed" size="sm">{`${token.prefix}…`}</Text>
              </Text>
              <Group gap={4}>
                {token.scopes.map((scope) => (
                  <Badge key={scope} variant="default" tt="none">
                    {scope}
                  </Badge>
                ))}
              </Group>
              <Text size="sm" c="dimmed">
                {token.project_ids !== null && `${words.onlyIn(namesOf(token.project_ids))}, `}
                {words.until(showDay(dayOf(token.expires_at)))},{" "}
                {token.last_used_at === null ? words.unused : words.lastUsed(showAgo(token.last_used_at))}
              </Text>
            </Stack>
            <ConfirmButton
              label={words.revoke}
              ariaLabel={words.revokeOf(token.name)}
              question={words.question}
              loading={revoke.sending === token.id}
              onConfirm={() => revoke.send(token.id)}
            />
          </Group>
        )}
      </Rows>
    </Section>
  );
}
