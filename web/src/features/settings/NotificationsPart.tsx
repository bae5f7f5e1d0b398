/** What one is told of, where, and when; each choice is kept as it is made. */

import { Group, NativeSelect, Table, TextInput } from "@mantine/core";
import { useMutation, useQueryClient, useSuspenseQuery } from "@tanstack/react-query";

import { answer, api } from "@/api/client";
import type { EmailChoice, KindsRead, PreferencesRead, PreferencesUpdate } from "@/api/schema";
import { texts } from "@/texts";
import { Section } from "@/ui/forms/Section";
import { TickBox } from "@/ui/forms/TickBox";

import { preferencesQuery } from "./queries";

const words = texts.account.notifications;
type Kind = keyof KindsRead;
type Change = (patch: PreferencesUpdate) => Promise<unknown>;
const KINDS = Object.keys(words.kinds) as Kind[];
const CHOICES = (Object.keys(words.mails) as EmailChoice[]).map((value) => ({ value, label: words.mails[value] }));
const HOURS = Array.from({ length: 24 }, (_hour, hour) => ({
  value: String(hour),
  label: `${String(hour).padStart(2, "0")}:00`,
}));

export default function NotificationsPart() {
  const { data: preferences } = useSuspenseQuery(preferencesQuery);
  const change = useChange();
  return (
    <>
      <Section title={words.title} text={words.text}>
        <Table maw={760} horizontalSpacing={6}>
          <Table.Thead>
            <Table.Tr>
              <Table.Th>{words.kind}</Table.Th>
              <Table.Th>{words.inbox}</Table.Th>
              <Table.Th>{words.mail}</Table.Th>
            </Table.Tr>
          </Table.Thead>
          <Table.Tbody>
            {KINDS.map((kind) => (
              <Table.Tr key={kind}>
                <Table.Td>{words.kinds[kind]}</Table.Td>
                <Table.Td>
                  <TickBox
                    size="md"
                    name={words.inboxOf(words.kinds[kind])}
                    checked={preferences.kinds[kind].in_app}
                    onTick={(in_app) => change({ kinds: { [kind]: { in_app } } })}
                  />
                </Table.Td>
                <Table.Td>
                  <NativeSelect
                    aria-label={words.mailOf(words.kinds[kind])}
                    data={CHOICES}
                    value={preferences.kinds[kind].email}
                    onChange={(event) =>
                      void change({ kinds: { [kind]: { email: event.currentTarget.value as EmailChoice } } })
                    }
                  />
                </Table.Td>
              </Table.Tr>
            ))}
          </Table.Tbody>
        </Table>
      </Section>
      <Times preferences={preferences} change={change} />
    </>
  );
}

function Times(props: { preferences: PreferencesRead; change: Change }) {
  const { preferences, change } = props;
  const quiet = preferences.quiet_hours;
  return (
    <Section title={words.times}>
      <NativeSelect
        maw={220}
        label={words.digest}
        data={HOURS}
        value={String(preferences.digest_hour)}
        onChange={(event) => void change({ digest_hour: Number(event.currentTarget.value) })}
      />
      <TickBox
        label={words.quiet}
        checked={quiet !== null}
        onTick={(isQuiet) => change({ quiet_hours: isQuiet ? { from: "22:00", to: "07:00" } : null })}
      />
      {quiet !== null && (
        <Group>
          {(["from", "to"] as const).map((end) => (
            <TextInput
              key={end}
              type="time"
              label={words[end]}
              value={quiet[end]}
              onChange={(event) => {
                const { value } = event.currentTarget;
                // A field that is being typed in has no time in between.
                if (value !== "") void change({ quiet_hours: { ...quiet, [end]: value } });
              }}
            />
          ))}
        </Group>
      )}
    </Section>
  );
}

/** Drawn at once; resolves where it is refused, too, which a toast tells. */
function useChange(): Change {
  const client = useQueryClient();
  const { queryKey } = preferencesQuery;
  const mutationKey = ["preferences"];
  const { mutateAsync } = useMutation({
    mutationKey,
    scope: { id: "preferences" },
    mutationFn: (patch: PreferencesUpdate) => answer(api.PATCH("/api/v1/notifications/preferences", { body: patch })),
    onMutate: async (patch) => {
      await client.cancelQueries({ queryKey });
      const before = client.getQueryData(queryKey);
      client.setQueryData(queryKey, (old) => old && applied(old, patch));
      return before;
    },
    onError: (_error, _patch, before) => client.setQueryData(queryKey, before),
    // Asked for between two choices, they would show what was before the second.
    onSettled: () => (client.isMutating({ mutationKey }) > 1 ? undefined : client.invalidateQueries({ queryKey })),
  });
  return (patch) => mutateAsync(patch).catch(() => undefined);
}

function applied(old: PreferencesRead, patch: PreferencesUpdate): PreferencesRead {
  const kinds = { ...old.kinds };
  for (const kind of KINDS) kinds[kind] = { ...kinds[kind], ...patch.kinds?.[kind] };
  return {
    ...old,
    kinds,
    quiet_hours: patch.quiet_hours === undefined ? old.quiet_hours : patch.quiet_hours,
    digest_hour: patch.digest_hour ?? old.digest_hour,
  };
}
