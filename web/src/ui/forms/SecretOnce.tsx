/** What is shown this one time: to be copied now, or made anew later. */

import { Alert, Button, Code, CopyButton, Group, Stack, Text } from "@mantine/core";

import { texts } from "@/texts";

export function SecretOnce({ title, secret, onClose }: { title: string; secret: string; onClose?: () => void }) {
  return (
    <Alert color="teal" title={title} role="status">
      <Stack gap="xs">
        <Text size="sm">{texts.common.shownOnce}</Text>
        <Code block style={{ overflowWrap: "anywhere", whiteSpace: "pre-wrap" }}>
          {secret}
        </Code>
        <Group gap="xs">
          <CopyButton value={secret}>
            {({ copied, copy }) => (
              <Button size="compact-sm" variant="default" onClick={copy}>
                {copied ? texts.common.copied : texts.common.copy}
              </Button>
            )}
          </CopyButton>
          {onClose !== undefined && (
            <Button size="compact-sm" variant="default" onClick={onClose}>
              {texts.common.close}
            </Button>
          )}
        </Group>
      </Stack>
    </Alert>
  );
}
