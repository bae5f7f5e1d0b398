/** The link by which who forgot a password, or fears for the account, chooses another one. */

import { Alert, Anchor, Checkbox, Stack, Text, Title } from "@mantine/core";
import { Link } from "@tanstack/react-router";
import { useState } from "react";

import { answer, api } from "@/api/client";
import { Problem } from "@/api/problems";
import { forget } from "@/api/session";
import { texts } from "@/texts";
import { PasswordField } from "@/ui/forms/PasswordField";
import { useWrite } from "@/ui/forms/useWrite";
import { WriteForm } from "@/ui/forms/WriteForm";

import { useLinkToken } from "./linkToken";

const words = texts.auth.resetting;

export default function ResetPasswordPage() {
  const token = useLinkToken();
  const [password, setPassword] = useState("");
  const [inOtherHands, setInOtherHands] = useState(false);
  const write = useWrite(
    (given: string) =>
      answer(
        api.POST("/api/v1/auth/password/reset", { body: { token: given, password, in_other_hands: inOtherHands } }),
      ),
    // A reset ends every session, also the one that this browser may have.
    { done: forget },
  );
  const isUsedUp = write.error instanceof Problem && write.error.about("password") === undefined;

  return (
    <Stack>
      <Title order={1} size="h3">
        {words.title}
      </Title>
      {write.isSuccess && (
        <>
          <Alert color="teal" role="status">
            {words.done}
          </Alert>
          <Anchor component={Link} to="/sign-in" underline="always">
            {texts.auth.toSignIn}
          </Anchor>
        </>
      )}
      {token === undefined && <Alert color="yellow">{texts.auth.linkMissing}</Alert>}
      {token !== undefined && !write.isSuccess && (
        <WriteForm write={write} fields={["password"]} button={words.button} full onSubmit={() => write.send(token)}>
          <PasswordField
            label={words.field}
            description={texts.auth.creating.passwordHint}
            required
            autoComplete="new-password"
            value={password}
            onChange={(event) => setPassword(event.currentTarget.value)}
            error={write.about("password")}
            autoFocus
          />
          <Checkbox
            label={words.hands}
            description={words.handsHint}
            checked={inOtherHands}
            onChange={(event) => setInOtherHands(event.currentTarget.checked)}
          />
        </WriteForm>
      )}
      {(token === undefined || isUsedUp) && (
        <>
          <Text size="sm">{texts.auth.linkTrouble}</Text>
          <Anchor component={Link} to="/forgot-password" underline="always">
            {words.again}
          </Anchor>
        </>
      )}
    </Stack>
  );
}
