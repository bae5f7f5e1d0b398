/** The link in the mail that greets a new account. */

import { Anchor } from "@mantine/core";
import { Link } from "@tanstack/react-router";

import { answer, api } from "@/api/client";
import { texts } from "@/texts";

import { AddressForm } from "./AddressForm";
import { MailedLink } from "./MailedLink";

const words = texts.auth.verifying;

export default function VerifyEmailPage() {
  return (
    <MailedLink
      words={words}
      open={(token) => answer(api.POST("/api/v1/auth/email/verify", { body: { token } }))}
      onward={
        <Anchor component={Link} to="/" underline="always">
          {texts.auth.inviting.home}
        </Anchor>
      }
      instead={
        <AddressForm
          button={words.resend}
          sent={words.resent}
          send={(email) => answer(api.POST("/api/v1/auth/email/resend", { body: { email } }))}
        />
      }
    />
  );
}
