/** The codes that let one in without the app: shown this once, to be copied or kept as a file. */

import { Button, Stack, Text } from "@mantine/core";

import { save } from "@/api/download";
import { texts } from "@/texts";
import { SecretOnce } from "@/ui/forms/SecretOnce";

const words = texts.account.factor;

export function RecoveryCodes({ codes }: { codes: readonly string[] }) {
  const text = codes.join("\n");
  return (
    <Stack gap="xs" align="flex-start">
      <SecretOnce title={words.codesTitle} secret={text} />
      <Text size="sm">{words.codesText}</Text>
      <Button
        size="compact-sm"
        variant="default"
        onClick={() => save(new Blob([`${text}\n`], { type: "text/plain" }), "taskapi-recovery-codes.txt")}
      >
        {texts.common.download}
      </Button>
    </Stack>
  );
}
