/** The link at the old address, by which its owner takes a change of address back. */

import { Anchor } from "@mantine/core";
import { Link } from "@tanstack/react-router";

import { answer, api } from "@/api/client";
import { texts } from "@/texts";

import { MailedLink } from "./MailedLink";

export default function UndoEmailChangePage() {
  const password = (
    <Anchor component={Link} to="/forgot-password" underline="always">
      {texts.auth.forgetting.title}
    </Anchor>
  );
  return (
    <MailedLink
      words={texts.auth.undoing}
      open={(token) => answer(api.POST("/api/v1/auth/email/change/undo", { body: { token } }))}
      onward={password}
      instead={password}
    />
  );
}
