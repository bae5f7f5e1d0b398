/** Where one is signed in, and the end of that. */

import { Badge, Button, Group, Stack, Text } from "@mantine/core";
import { useSuspenseQuery } from "@tanstack/react-query";

import { answer, api } from "@/api/client";
import type { SessionRead } from "@/api/schema";
import { showAgo } from "@/format/dates";
import { texts } from "@/texts";
import { Rows } from "@/ui/forms/Rows";
import { Section } from "@/ui/forms/Section";
import { useWrite } from "@/ui/forms/useWrite";
import { tell } from "@/ui/toasts";

import { sessionsQuery } from "./queries";

const words = texts.account.sessions;

export default function SessionsPart() {
  const { data: sessions } = useSuspenseQuery(sessionsQuery);
  const others = sessions.filter((session) => !session.current);
  const end = useWrite(
    (ended: readonly SessionRead[]) =>
      Promise.all(
        ended.map(({ id }) =>
          answer(api.DELETE("/api/v1/auth/sessions/{session_id}", { params: { path: { session_id: id } } })),
        ),
      ),
    { loud: true, stale: [sessionsQuery.queryKey], done: () => tell(words.ended) },
  );
  return (
    <Section title={words.title}>
      <Rows label={words.list} items={sessions} none={words.none}>
        {(session) => (
          <Group justify="space-between" wrap="nowrap">
            <Stack gap={2}>
              <Group gap="xs">
                <Text>{deviceOf(session)}</Text>
                {session.current && <Badge>{words.here}</Badge>}
              </Group>
              <Text size="sm" c="dimmed">
                {words.used(showAgo(session.last_used_at), session.address === null ? "" : `, ${session.address}`)}
              </Text>
            </Stack>
            {!session.current && (
              <Button
                size="compact-sm"
                variant="default"
                aria-label={words.endOf(deviceOf(session))}
                loading={end.sending?.includes(session) === true}
                onClick={() => end.send([session])}
              >
                {words.end}
              </Button>
            )}
          </Group>
        )}
      </Rows>
      {others.length > 0 && (
        <Group>
          <Button variant="default" loading={end.isPending} onClick={() => end.send(others)}>
            {words.endOthers}
          </Button>
        </Group>
      )}
    </Section>
  );
}

const BROWSERS = [/Edg\//, /OPR\//, /Firefox\//, /Chrome\//, /Safari\//];
const BROWSER_NAMES = ["Edge", "Opera", "Firefox", "Chrome", "Safari"];
const SYSTEMS = [/Windows/, /Android/, /iPhone|iPad/, /Mac OS/, /Linux/];
const SYSTEM_NAMES = ["Windows", "Android", "iOS", "macOS", "Linux"];

/** "Firefox, Linux"; what is no browser says itself what it is. */
function deviceOf({ user_agent: agent }: SessionRead): string {
  if (agent === null) return words.unknown;
  const browser = BROWSER_NAMES[BROWSERS.findIndex((pattern) => pattern.test(agent))];
  const system = SYSTEM_NAMES[SYSTEMS.findIndex((pattern) => pattern.test(agent))];
  return browser === undefined ? agent.slice(0, 80) : [browser, system].filter(Boolean).join(", ");
}
