/** The actions of a rule, one below the other. */

import { Button, Group, NativeSelect, Stack, Text, Textarea } from "@mantine/core";

import type { ProjectRead } from "@/api/schema";
import { personName, PRIORITIES } from "@/features/tasks/pickers/choices";
import { texts } from "@/texts";

import { useProjectParts } from "../../queries";
import { DeleteButton } from "../DeleteButton";
import { type ActionKind, type ActionRow, rowOf } from "./actions";

const words = texts.automation.rules;
const KINDS = (["status", "priority", "assign", "label", "comment", "notify"] as const).map((value) => ({
  value,
  label: words.actions[value],
}));

type Props = { project: ProjectRead; rows: ActionRow[]; onChange: (rows: ActionRow[]) => void };

export function ActionRows({ project, rows, onChange }: Props) {
  const choices = useChoices(project);
  const change = (id: string, patch: Partial<ActionRow>) =>
    onChange(rows.map((row) => (row.id === id ? { ...row, ...patch } : row)));
  return (
    <Stack gap="xs" role="group" aria-label={words.then}>
      {rows.map((row, index) => (
        <Group key={row.id} gap="xs" align="flex-start">
          {row.kind === "other" ? (
            <Text>{words.actions.other}</Text>
          ) : (
            <NativeSelect
              aria-label={words.action(index + 1)}
              data={KINDS}
              value={row.kind}
              onChange={(event) => {
                const kind = event.currentTarget.value as ActionKind;
                change(row.id, { kind, value: choices[kind]?.[0]?.value ?? "" });
              }}
            />
          )}
          {row.kind === "comment" && (
            <Textarea
              flex={1}
              miw={200}
              autosize
              aria-label={words.value(words.actions.comment)}
              required
              value={row.value}
              onChange={(event) => change(row.id, { value: event.currentTarget.value })}
            />
          )}
          {choices[row.kind] !== undefined && (
            <NativeSelect
              aria-label={words.value(words.actions[row.kind])}
              data={choices[row.kind]}
              value={row.value}
              onChange={(event) => change(row.id, { value: event.currentTarget.value })}
            />
          )}
          <DeleteButton
            label={words.removeAction(index + 1)}
            onClick={() => onChange(rows.filter(({ id }) => id !== row.id))}
          />
        </Group>
      ))}
      <Group>
        <Button
          size="compact-sm"
          variant="default"
          onClick={() => onChange([...rows, rowOf("status", choices.status?.[0]?.value)])}
        >
          {words.addAction}
        </Button>
      </Group>
    </Stack>
  );
}

function useChoices(project: ProjectRead): Partial<Record<ActionKind, { value: string; label: string }[]>> {
  const { statuses, labels, members } = useProjectParts(project.key);
  const people = members.map(({ user }) => ({ value: user.id, label: personName(user) }));
  return {
    status: statuses.map(({ key, name }) => ({ value: key, label: name })),
    priority: PRIORITIES.map((one) => ({ value: one, label: texts.tasks.priorities[one] })),
    assign: people,
    label: labels.map(({ id, name }) => ({ value: id, label: name })),
    notify: [{ value: "", label: words.watchers }, ...people],
  };
}
