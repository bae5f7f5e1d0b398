/** A page that a mailed link leads to, and that does one thing when its button is pressed: scanners of mail open links too. */

import { Alert, Stack, Text, Title } from "@mantine/core";
import type { ReactNode } from "react";

import { texts } from "@/texts";
import { useWrite } from "@/ui/forms/useWrite";
import { WriteForm } from "@/ui/forms/WriteForm";

import { useLinkToken } from "./linkToken";

type Props = {
  words: { title: string; text: string; button: string; done: string };
  open: (token: string) => Promise<unknown>;
  /** Where to go from here. */
  onward: ReactNode;
  /** The way forward for who has a link that is used up. */
  instead: ReactNode;
};

export function MailedLink({ words, open, onward, instead }: Props) {
  const token = useLinkToken();
  const write = useWrite(open);
  return (
    <Stack>
      <Title order={1} size="h3">
        {words.title}
      </Title>
      {token === undefined && <Alert color="yellow">{texts.auth.linkMissing}</Alert>}
      {write.isSuccess && (
        <Alert color="teal" role="status">
          {words.done}
        </Alert>
      )}
      {token !== undefined && !write.isSuccess && (
        <>
          <Text>{words.text}</Text>
          <WriteForm write={write} button={words.button} full onSubmit={() => write.send(token)} />
        </>
      )}
      {write.isSuccess && onward}
      {(token === undefined || write.error !== null) && (
        <>
          <Text size="sm">{texts.auth.linkTrouble}</Text>
          {instead}
        </>
      )}
    </Stack>
  );
}
