/** Has a link mailed by which a new password is chosen. */

import { Anchor, Stack, Text, Title } from "@mantine/core";
import { Link } from "@tanstack/react-router";

import { answer, api } from "@/api/client";
import { texts } from "@/texts";

import { AddressForm } from "./AddressForm";

const words = texts.auth.forgetting;

export default function ForgotPasswordPage() {
  return (
    <Stack>
      <Title order={1} size="h3">
        {words.title}
      </Title>
      <Text>{words.text}</Text>
      <AddressForm
        focus
        button={words.button}
        sent={words.sent}
        send={(email) => answer(api.POST("/api/v1/auth/password/forgot", { body: { email } }))}
      />
      <Anchor component={Link} to="/sign-in" underline="always">
        {texts.auth.toSignIn}
      </Anchor>
    </Stack>
  );
}
