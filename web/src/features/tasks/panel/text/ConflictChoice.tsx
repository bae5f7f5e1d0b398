/** Two texts of which one shall stay: the reader's own, and what somebody else has saved meanwhile. */

import { Alert, Button, Code, Group, SimpleGrid, Stack, Text } from "@mantine/core";
import { useEffect, useRef } from "react";

import { texts } from "@/texts";

import type { Conflict } from "./writing";

const words = texts.task.conflict;
// The library's orange for words has 3.6:1 on its ground.
const READABLE = { label: { color: "var(--mantine-color-text)" } };

type Props = { conflict: Conflict; onKeepMine: () => void; onTakeTheirs: () => void };

export function ConflictChoice({ conflict, onKeepMine, onTakeTheirs }: Props) {
  const choice = useRef<HTMLDivElement>(null);
  // Below a long text it would not be seen that nothing was saved.
  useEffect(() => {
    // Newer browsers answer with a promise, which is nothing that an effect may return.
    choice.current?.scrollIntoView({ block: "nearest" });
  }, []);
  return (
    <Alert ref={choice} color="orange" variant="outline" styles={READABLE} title={words.title} role="alert">
      <Stack gap="sm">
        <Text size="sm">{words.told}</Text>
        <SimpleGrid cols={{ base: 1, xs: 2 }}>
          <Version name={words.mine} text={conflict.mine} />
          <Version name={words.theirs} text={conflict.theirs} />
        </SimpleGrid>
        <Group>
          <Button size="xs" onClick={onKeepMine}>
            {words.keepMine}
          </Button>
          <Button size="xs" variant="default" onClick={onTakeTheirs}>
            {words.takeTheirs}
          </Button>
        </Group>
      </Stack>
    </Alert>
  );
}

function Version({ name, text }: { name: string; text: string }) {
  return (
    <div role="group" aria-label={name}>
      <Text size="sm" fw={600}>
        {name}
      </Text>
      {/* Long texts are scrolled, also by keyboard. */}
      <Code block tabIndex={0} mah={240} style={{ overflow: "auto", whiteSpace: "pre-wrap" }}>
        {text === "" ? words.empty : text}
      </Code>
    </div>
  );
}
