/** The title: a heading, and for who may write it a field at once. */

import { Box, Stack, Text, Textarea, Title } from "@mantine/core";
import { type KeyboardEvent, useRef, useState } from "react";

import { Problem, Unreachable } from "@/api/problems";
import { useQuickAddWish } from "@/features/tasks/quick/opening";
import { texts } from "@/texts";
import { messageOf } from "@/ui/toasts";

import { useOpenTask } from "../openTask";
import { ConflictChoice } from "./ConflictChoice";
import classes from "./TaskTitle.module.css";
import { Conflict, useWriteText } from "./writing";

type Typed = { text: string; base: string; version: number };

export function TaskTitle() {
  const { task, isPage, mayWrite } = useOpenTask();
  const [typed, setTyped] = useState<Typed | null>(null);
  const heading = useRef<HTMLDivElement>(null);
  const write = useWriteText();
  // One field at a time is called Title: that of the new task, while somebody makes one.
  const isNaming = useQuickAddWish() !== null && typed === null;

  const leave = () => {
    setTyped(null);
    write.reset();
  };
  const save = (from: Typed) => {
    const text = from.text.trim();
    if (write.isPending) return;
    if (text === "" || text === from.base) leave();
    else write.mutate({ task, field: "title", ...from, text }, { onSuccess: leave });
  };
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.nativeEvent.isComposing || !["Enter", "Escape"].includes(event.key)) return;
    // With nothing typed, Esc is for the panel.
    if (event.key === "Escape" && typed === null) return;
    event.preventDefault();
    event.stopPropagation();
    // Out of the field, which saves what is new in it: the next key is one of the page.
    if (event.key === "Enter") heading.current?.focus();
    else {
      leave();
      requestAnimationFrame(() => heading.current?.focus());
    }
  };

  const order = isPage ? 1 : 2;
  if (!mayWrite || isNaming) {
    return (
      <Title order={order} size="h3" className={classes.title}>
        {task.title}
      </Title>
    );
  }
  const conflict = write.error instanceof Conflict ? write.error : null;
  return (
    <Stack gap="xs">
      <Box ref={heading} role="heading" aria-level={order} aria-label={task.title} tabIndex={-1}>
        <Textarea
          aria-label={texts.task.title}
          autosize
          variant="unstyled"
          classNames={{ input: classes.field }}
          maxLength={500}
          value={typed?.text ?? task.title}
          onChange={(event) => {
            const text = event.currentTarget.value.replaceAll("\n", " ");
            setTyped((before) => ({ ...(before ?? { base: task.title, version: task.version }), text }));
          }}
          onKeyDown={onKeyDown}
          onBlur={() => {
            if (typed !== null && conflict === null) save(typed);
          }}
          error={write.error instanceof Problem ? messageOf(write.error) : undefined}
        />
      </Box>
      {write.error instanceof Unreachable && (
        <Text role="alert" c="var(--mantine-color-error)" size="sm">
          {messageOf(write.error)}
        </Text>
      )}
      {conflict !== null && (
        <ConflictChoice
          conflict={conflict}
          onKeepMine={() => save({ text: conflict.mine, base: conflict.theirs, version: conflict.version })}
          onTakeTheirs={leave}
        />
      )}
    </Stack>
  );
}
