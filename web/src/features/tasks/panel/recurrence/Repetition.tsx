/** Whether the task comes again, and by which rule. */

import { Group, Popover, Text, UnstyledButton } from "@mantine/core";
import { IconRepeat } from "@tabler/icons-react";
import { lazy, Suspense, useState } from "react";

import { texts } from "@/texts";
import { Waiting } from "@/ui/Waiting";

import { FieldRow } from "../fields/FieldRow";
import { useOpenTask } from "../openTask";
import { inWords } from "./words";

const RuleForm = lazy(() => import("./RuleForm"));

const words = texts.recurrence;

export function Repetition() {
  const { task, mayWrite } = useOpenTask();
  const [opened, setOpened] = useState(false);
  const name = task.recurrence === null ? words.never : inWords(task.recurrence.rule);
  const shown = (
    <Group gap={6} wrap="nowrap">
      <IconRepeat size={16} aria-hidden />
      <Text size="sm" c={task.recurrence === null ? "dimmed" : undefined}>
        {name}
      </Text>
    </Group>
  );
  if (!mayWrite) return <FieldRow label={words.title}>{shown}</FieldRow>;
  return (
    <FieldRow label={words.title}>
      <Popover
        opened={opened}
        onChange={setOpened}
        width={320}
        position="bottom-start"
        trapFocus
        returnFocus
        withinPortal
      >
        <Popover.Target>
          <UnstyledButton aria-label={texts.pickers.is(words.title, name)} onClick={() => setOpened(!opened)}>
            {shown}
          </UnstyledButton>
        </Popover.Target>
        <Popover.Dropdown aria-label={words.title}>
          {opened && (
            <Suspense fallback={<Waiting size="sm" />}>
              <RuleForm />
            </Suspense>
          )}
        </Popover.Dropdown>
      </Popover>
    </FieldRow>
  );
}
