/** Sets the rule by which a task comes again; shows the next days, skips one, or ends it. */

import { Alert, Button, Group, Input, SegmentedControl, Stack, TextInput } from "@mantine/core";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useId, useState } from "react";

import { answer, api } from "@/api/client";
import type { RecurrenceMode } from "@/api/schema";
import { settle } from "@/features/tasks/changing";
import { texts } from "@/texts";
import { messageOf } from "@/ui/toasts";

import { useOpenTask } from "../openTask";
import { NextDays } from "./NextDays";
import { RuleChoice } from "./RuleChoice";
import { chosenOf, FIRST, ruleOf } from "./rules";

const words = texts.recurrence;

export default function RuleForm() {
  const { task } = useOpenTask();
  const now = task.recurrence;
  const [rule, setRule] = useState(now?.rule ?? ruleOf(FIRST));
  const [isRaw, setRaw] = useState(chosenOf(rule) === null);
  const [mode, setMode] = useState<RecurrenceMode>(now?.mode ?? "schedule");
  const { set, end } = useRecurrence();
  const chosen = chosenOf(rule);
  const modeId = useId();
  return (
    <Stack gap="xs">
      {isRaw || chosen === null ? (
        <TextInput
          label={words.rule}
          description={words.ruleHint}
          size="xs"
          value={rule}
          onChange={(event) => setRule(event.currentTarget.value)}
        />
      ) : (
        <RuleChoice chosen={chosen} onChange={(next) => setRule(ruleOf(next))} />
      )}
      <Input.Wrapper label={words.mode} size="xs" labelElement="div" labelProps={{ id: modeId }}>
        <SegmentedControl
          size="xs"
          fullWidth
          aria-labelledby={modeId}
          value={mode}
          onChange={(value) => setMode(value === "completion" ? "completion" : "schedule")}
          data={[
            { value: "schedule", label: words.bySchedule },
            { value: "completion", label: words.byCompletion },
          ]}
        />
      </Input.Wrapper>
      {set.error !== null && (
        <Alert color="red" role="alert" p="xs">
          {messageOf(set.error)}
        </Alert>
      )}
      <Group gap="xs">
        <Button size="xs" loading={set.isPending} onClick={() => set.mutate({ rule, mode })}>
          {texts.common.save}
        </Button>
        <Button
          size="xs"
          variant="subtle"
          disabled={isRaw && chosen === null}
          aria-pressed={isRaw}
          onClick={() => setRaw(!isRaw)}
        >
          {isRaw ? words.choose : words.raw}
        </Button>
        {now !== null && (
          <Button size="xs" variant="subtle" color="red" loading={end.isPending} onClick={() => end.mutate()}>
            {words.end}
          </Button>
        )}
      </Group>
      {now !== null && <NextDays />}
    </Stack>
  );
}

function useRecurrence() {
  const { task } = useOpenTask();
  const client = useQueryClient();
  const params = { path: { task: task.key } };
  const renewed = () => client.invalidateQueries({ queryKey: ["task", task.key] });
  const set = useMutation({
    meta: { quiet: true },
    mutationFn: (body: { rule: string; mode: RecurrenceMode }) =>
      answer(
        api.PUT("/api/v1/tasks/{task}/recurrence", {
          params,
          // Days that were left out stay left out.
          body: { ...body, exdates: task.recurrence?.exdates ?? [] },
        }),
      ),
    onSuccess: (now) => settle(client, now),
    onSettled: renewed,
  });
  const end = useMutation({
    mutationFn: () => answer(api.DELETE("/api/v1/tasks/{task}/recurrence", { params })),
    onSettled: renewed,
  });
  return { set, end };
}
