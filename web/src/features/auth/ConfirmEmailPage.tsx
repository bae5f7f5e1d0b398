/** The link that proves the address to which somebody wants to change. */

import { Anchor } from "@mantine/core";
import { Link } from "@tanstack/react-router";

import { answer, api } from "@/api/client";
import { texts } from "@/texts";

import { MailedLink } from "./MailedLink";

const words = texts.auth.confirming;

export default function ConfirmEmailPage() {
  const profile = (
    <Anchor component={Link} to="/settings" underline="always">
      {texts.shell.profile}
    </Anchor>
  );
  return (
    <MailedLink
      words={words}
      open={(token) => answer(api.POST("/api/v1/auth/email/change/confirm", { body: { token } }))}
      onward={profile}
      instead={
        <>
          <span>{words.again}</span>
          {profile}
        </>
      }
    />
  );
}
