/** By name and password, with the code of a second factor where it is asked for, or by another provider. */

import { Alert, Anchor, Button, Divider, Group, PasswordInput, Stack, TextInput, Title } from "@mantine/core";
import { useMutation, useQuery } from "@tanstack/react-query";
import { Link, Navigate, useSearch } from "@tanstack/react-router";
import { type SubmitEvent, useState } from "react";

import { answer, api } from "@/api/client";
import { Problem } from "@/api/problems";
import { begin, useSession } from "@/api/session";
import { texts } from "@/texts";
import { messageOf } from "@/ui/toasts";

const words = texts.auth;

export default function SignInPage() {
  const { next } = useSearch({ from: "/visitor/sign-in" });
  if (useSession() !== null) return <Navigate to={next ?? "/"} replace />;
  return (
    <Stack>
      <Title order={1} size="h3">
        {words.signInTitle}
      </Title>
      <PasswordForm />
      <Providers next={next ?? "/"} />
      <Group justify="space-between">
        <Anchor renderRoot={(props) => <Link {...props} to="/create-account" search={{ next }} />} underline="always">
          {words.createAccount}
        </Anchor>
        <Anchor component={Link} to="/forgot-password" underline="always">
          {words.forgot}
        </Anchor>
      </Group>
    </Stack>
  );
}

function PasswordForm() {
  const [username, setUsername] = useState("");
  const [password, setPassword] = useState("");
  const [code, setCode] = useState("");
  const signIn = useMutation({
    meta: { quiet: true },
    mutationFn: () =>
      answer(
        api.POST("/api/v1/auth/login", {
          body: { username: username.trim(), password, session: "cookie", ...(code === "" ? {} : { totp_code: code }) },
        }),
      ),
    onSuccess: begin,
  });
  const refusal = signIn.error instanceof Problem ? signIn.error.code : null;
  const [wantsCode, setWantsCode] = useState(false);
  if (refusal === "totp_required" && !wantsCode) setWantsCode(true);
  const submit = (event: SubmitEvent) => {
    event.preventDefault();
    signIn.mutate();
  };

  return (
    <form onSubmit={submit}>
      <Stack>
        {signIn.error !== null && refusal !== "totp_required" && (
          <Alert color="red" role="alert">
            {messageOf(signIn.error)}
          </Alert>
        )}
        <TextInput
          label={words.username}
          required
          autoComplete="username"
          value={username}
          onChange={(event) => setUsername(event.currentTarget.value)}
          autoFocus
        />
        <PasswordInput
          label={words.password}
          required
          autoComplete="current-password"
          value={password}
          onChange={(event) => setPassword(event.currentTarget.value)}
        />
        {wantsCode && (
          <TextInput
            label={words.code}
            required
            autoComplete="one-time-code"
            value={code}
            onChange={(event) => setCode(event.currentTarget.value)}
            autoFocus
          />
        )}
        <Button type="submit" loading={signIn.isPending}>
          {words.signIn}
        </Button>
      </Stack>
    </form>
  );
}

function Providers({ next }: { next: string }) {
  const providers = useQuery({
    queryKey: ["oidc"],
    queryFn: async () => (await answer(api.GET("/api/v1/auth/oidc"))).items,
  }).data;
  if (providers === undefined || providers.length === 0) return null;
  return (
    <Stack>
      <Divider label={words.or} />
      {providers.map((provider) => (
        <Button
          key={provider.name}
          variant="default"
          component="a"
          href={`${provider.start_url}?${new URLSearchParams({ redirect: `/oidc/complete` })}`}
          onClick={() => sessionStorage.setItem("taskapi.next", next)}
        >
          {words.continueWith(provider.label)}
        </Button>
      ))}
    </Stack>
  );
}
