/** A part of a page of settings with its heading, and what it is for in a sentence. */

import { Stack, Text, Title } from "@mantine/core";
import { type ReactNode, useId } from "react";

export function Section(props: { title: string; text?: ReactNode; order?: 2 | 3; children?: ReactNode }) {
  const id = useId();
  const { title, text, order = 2, children } = props;
  return (
    <Stack component="section" aria-labelledby={id} gap="sm" mb="xl">
      <div>
        <Title order={order} size={order === 2 ? "h4" : "h5"} id={id}>
          {title}
        </Title>
        {text !== undefined && (
          <Text size="sm" c="dimmed" maw={640}>
            {text}
          </Text>
        )}
      </div>
      {children}
    </Stack>
  );
}
