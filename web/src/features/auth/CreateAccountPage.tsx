/** A new account, which is signed in at once. */

import { Alert, Anchor, Stack, Text, TextInput, Title } from "@mantine/core";
import { Link, Navigate, useSearch } from "@tanstack/react-router";
import { useState } from "react";

import { answer, api } from "@/api/client";
import { Problem } from "@/api/problems";
import { begin, updateUser, useSession } from "@/api/session";
import { texts } from "@/texts";
import { PasswordField } from "@/ui/forms/PasswordField";
import { useWrite } from "@/ui/forms/useWrite";
import { WriteForm } from "@/ui/forms/WriteForm";
import { tell } from "@/ui/toasts";

const words = texts.auth.creating;
const FIELDS = ["username", "email", "password"] as const;
type Field = (typeof FIELDS)[number];
const TAKEN: Record<string, Field> = { username_taken: "username", email_taken: "email" };

export default function CreateAccountPage() {
  const { next } = useSearch({ from: "/visitor/create-account" });
  if (useSession() !== null) return <Navigate to={next ?? "/"} replace />;
  return (
    <Stack>
      <Title order={1} size="h3">
        {words.title}
      </Title>
      <AccountForm />
      <Text size="sm">
        {words.haveOne}{" "}
        <Anchor renderRoot={(props) => <Link {...props} to="/sign-in" search={{ next }} />} underline="always">
          {texts.auth.signIn}
        </Anchor>
      </Text>
    </Stack>
  );
}

function AccountForm() {
  const [account, setAccount] = useState({ username: "", email: "", password: "" });
  const write = useWrite(register, {
    codes: TAKEN,
    done: (granted) => {
      tell(words.checkMail);
      begin(granted);
      // Where that fails, they are written as for everybody at first.
      keepLanguage().catch(() => undefined);
    },
  });
  const isClosed = write.error instanceof Problem && write.error.code === "registration_closed";
  const input = (field: Field) => ({
    required: true,
    value: account[field],
    error: write.about(field),
    onChange: (event: { currentTarget: HTMLInputElement }) => {
      const { value } = event.currentTarget;
      setAccount((before) => ({ ...before, [field]: value }));
    },
  });

  return (
    <WriteForm
      write={write}
      fields={FIELDS}
      button={texts.auth.createAccount}
      full
      onSubmit={() => write.send({ ...account, username: account.username.trim(), email: account.email.trim() })}
    >
      {isClosed && <Alert color="yellow">{words.closed}</Alert>}
      <TextInput
        label={words.username}
        description={words.usernameHint}
        autoComplete="username"
        autoFocus
        {...input("username")}
      />
      <TextInput label={words.email} type="email" autoComplete="email" {...input("email")} />
      <PasswordField
        label={texts.auth.password}
        description={words.passwordHint}
        autoComplete="new-password"
        {...input("password")}
      />
    </WriteForm>
  );
}

async function register(account: Record<Field, string>) {
  const timezone = Intl.DateTimeFormat().resolvedOptions().timeZone;
  await answer(api.POST("/api/v1/auth/register", { body: { ...account, timezone } }));
  const { username, password } = account;
  return answer(api.POST("/api/v1/auth/login", { body: { username, password, session: "cookie" } }));
}

/** Dates and numbers are written as this browser writes them. */
async function keepLanguage(): Promise<void> {
  updateUser(await answer(api.PATCH("/api/v1/users/me", { body: { locale: navigator.language } })));
}
