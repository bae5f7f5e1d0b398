/** How long has been worked on the task, and the clock that counts it. */

import { Alert, Button, Group, Stack, Text } from "@mantine/core";
import { IconPlayerPlay, IconPlayerStop } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { useEffect, useState } from "react";

import { Problem } from "@/api/problems";
import { showDuration } from "@/format/dates";
import { texts } from "@/texts";
import { messageOf } from "@/ui/toasts";

import { FieldRow } from "../fields/FieldRow";
import { useOpenTask } from "../openTask";
import { timerQuery } from "../parts";
import { useStartTimer, useStopTimer } from "./timing";

const words = texts.task.time;

export function Timer() {
  const { task, mayWrite } = useOpenTask();
  const total = task.time?.seconds ?? 0;
  // Who has a timer is asked only where one runs.
  const isRunning = Boolean(task.time?.running);
  const { data: timer } = useQuery({ ...timerQuery(), enabled: isRunning });
  const mine = isRunning && timer?.task_id === task.id ? timer : null;
  const start = useStartTimer(task);
  const stop = useStopTimer(task);
  const isElsewhere = start.error instanceof Problem && start.error.code === "timer_running";
  if (!mayWrite && total === 0 && !isRunning) return null;
  return (
    <FieldRow label={words.title}>
      <Stack gap={4}>
        <Group gap="xs">
          <Text size="sm">{total === 0 && mine === null ? words.none : showDuration(total)}</Text>
          {mine !== null && <Elapsed since={mine.started_at} />}
          {isRunning && mine === null && timer !== undefined && <Text size="sm">{words.othersRunning}</Text>}
          {mayWrite &&
            (mine === null ? (
              <Button
                size="compact-xs"
                mih={24}
                variant="default"
                leftSection={<IconPlayerPlay size={12} aria-hidden />}
                loading={start.isPending}
                onClick={() => start.mutate({ instead: false })}
              >
                {words.start}
              </Button>
            ) : (
              <Button
                size="compact-xs"
                mih={24}
                leftSection={<IconPlayerStop size={12} aria-hidden />}
                loading={stop.isPending}
                onClick={() => stop.mutate()}
              >
                {words.stop}
              </Button>
            ))}
        </Group>
        {start.error !== null && (
          <Alert color="orange" role="alert" p="xs">
            <Text size="sm">{isElsewhere ? words.runsElsewhere : messageOf(start.error)}</Text>
            {isElsewhere && (
              <Button size="compact-xs" mih={24} onClick={() => start.mutate({ instead: true })}>
                {words.startInstead}
              </Button>
            )}
          </Alert>
        )}
      </Stack>
    </FieldRow>
  );
}

/** Counts while it is looked at. */
function Elapsed({ since }: { since: string }) {
  const [now, setNow] = useState(() => Date.now());
  useEffect(() => {
    const timer = setInterval(() => setNow(Date.now()), 1000);
    return () => clearInterval(timer);
  }, []);
  const seconds = Math.max(0, (now - Date.parse(since)) / 1000);
  return (
    <Text size="sm" role="timer" aria-label={words.running}>
      + {showDuration(seconds)}
    </Text>
  );
}
