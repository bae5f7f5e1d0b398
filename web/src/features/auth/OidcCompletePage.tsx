/** Where a sign-in by a provider comes back to: what it brought stands behind the `#`, which no server sees. */

import { Alert, Anchor, Loader, Stack, Text, TextInput, Title } from "@mantine/core";
import { Link, Navigate, useNavigate } from "@tanstack/react-router";
import { useEffect, useRef, useState } from "react";

import { answer, api } from "@/api/client";
import { begin, useSession } from "@/api/session";
import { ownAddress } from "@/app/search";
import { texts } from "@/texts";
import { useWrite } from "@/ui/forms/useWrite";
import { WriteForm } from "@/ui/forms/WriteForm";

const words = texts.auth.provider;
const NEXT = "taskapi.next";

export default function OidcCompletePage() {
  const [brought] = useState(() => new URLSearchParams(window.location.hash.slice(1)));
  const [next] = useState(nextPage);
  const navigate = useNavigate();
  useEffect(() => {
    // It is for this sign-in alone; the next one may be for another page.
    sessionStorage.removeItem(NEXT);
    if (window.location.hash !== "") void navigate({ to: ".", hash: "", replace: true });
  }, [navigate]);
  if (useSession() !== null) return <Navigate to={next} replace />;

  const ticket = brought.get("sign_in_token");
  const error = brought.get("error");
  if (ticket === null) {
    return <Refused detail={words.errors[error ?? "sign_in_expired"] ?? words.failed} next={next} />;
  }
  return <Complete ticket={ticket} next={next} wantsCode={brought.get("totp_required") === "true"} />;
}

type CompleteProps = { ticket: string; next: string; wantsCode: boolean };

function Complete({ ticket, next, wantsCode }: CompleteProps) {
  const [code, setCode] = useState("");
  const started = useRef(false);
  const write = useWrite(
    () =>
      answer(
        api.POST("/api/v1/auth/oidc/complete", {
          body: { sign_in_token: ticket, session: "cookie", ...(code === "" ? {} : { totp_code: code.trim() }) },
        }),
      ),
    { done: begin },
  );
  const { send } = write;
  useEffect(() => {
    // The ticket works once, also where the page is drawn twice.
    if (wantsCode || started.current) return;
    started.current = true;
    send();
  }, [wantsCode, send]);

  if (!wantsCode) {
    const wrong = write.beside([]);
    return wrong === undefined ? (
      <Stack align="center">
        <Title order={1} size="h3">
          {words.title}
        </Title>
        <Loader aria-label={texts.common.loading} />
      </Stack>
    ) : (
      <Refused detail={wrong} next={next} />
    );
  }
  return (
    <Stack>
      <Title order={1} size="h3">
        {words.codeTitle}
      </Title>
      <Text>{words.codeText}</Text>
      <WriteForm write={write} fields={["totp_code"]} button={words.button} full onSubmit={() => send()}>
        <TextInput
          label={texts.auth.code}
          required
          autoComplete="one-time-code"
          value={code}
          onChange={(event) => setCode(event.currentTarget.value)}
          error={write.about("totp_code")}
          autoFocus
        />
      </WriteForm>
      {write.error !== null && <Again next={next} />}
    </Stack>
  );
}

function Refused({ detail, next }: { detail: string; next: string }) {
  return (
    <Stack>
      <Title order={1} size="h3">
        {words.failed}
      </Title>
      <Alert color="red" role="alert">
        {detail}
      </Alert>
      <Again next={next} />
    </Stack>
  );
}

function Again({ next }: { next: string }) {
  return (
    <Anchor renderRoot={(props) => <Link {...props} to="/sign-in" search={{ next }} />} underline="always">
      {words.again}
    </Anchor>
  );
}

function nextPage(): string {
  return ownAddress(sessionStorage.getItem(NEXT)) ?? "/";
}
