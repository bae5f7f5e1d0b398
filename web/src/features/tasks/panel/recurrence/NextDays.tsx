/** When the task comes again by the rule that it has; one of these days can be skipped. */

import { Button, List, Stack, Text } from "@mantine/core";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";

import { answer, api } from "@/api/client";
import { settle } from "@/features/tasks/changing";
import { showDay, showInstant } from "@/format/dates";
import { texts } from "@/texts";

import { useOpenTask } from "../openTask";

const words = texts.recurrence;
const SHOWN = 5;

export function NextDays() {
  const { task } = useOpenTask();
  const client = useQueryClient();
  const path = { task: task.key };
  const { data } = useQuery({
    queryKey: ["task", task.key, "recurrence", task.recurrence?.rule ?? "", task.due_on, task.due_at],
    queryFn: async () =>
      (await answer(api.GET("/api/v1/tasks/{task}/recurrence/preview", { params: { path, query: { count: SHOWN } } })))
        .items,
  });
  const skip = useMutation({
    mutationFn: () => answer(api.POST("/api/v1/tasks/{task}/recurrence/skip", { params: { path } })),
    onSuccess: (now) => settle(client, now),
    onSettled: () => client.invalidateQueries({ queryKey: ["task", task.key] }),
  });
  return (
    <Stack gap={4} role="group" aria-label={words.next}>
      <Text size="sm" fw={600}>
        {words.next}
      </Text>
      <List size="sm">
        {data?.map((day) => (
          <List.Item key={day}>{day.includes("T") ? showInstant(day) : showDay(day)}</List.Item>
        ))}
      </List>
      <Button size="compact-sm" variant="default" loading={skip.isPending} onClick={() => skip.mutate()}>
        {words.skip}
      </Button>
    </Stack>
  );
}
