/** Turning the authenticator app off. */

import { Alert, TextInput } from "@mantine/core";
import { useState } from "react";

import { answer, api } from "@/api/client";
import { texts } from "@/texts";
import { Section } from "@/ui/forms/Section";
import { useWrite } from "@/ui/forms/useWrite";
import { WriteForm } from "@/ui/forms/WriteForm";

import { CurrentPassword } from "./CurrentPassword";

const words = texts.account.factor;

export function EndSecondFactor() {
  const [password, setPassword] = useState("");
  const [code, setCode] = useState("");
  const end = useWrite(
    () =>
      answer(
        api.DELETE("/api/v1/auth/totp", { body: { password, ...(code.trim() === "" ? {} : { code: code.trim() }) } }),
      ),
    {
      codes: { wrong_password: "password", wrong_totp_code: "code", totp_required: "code" },
      done: () => {
        setPassword("");
        setCode("");
      },
    },
  );
  return (
    <Section title={words.endTitle} text={words.endText}>
      {end.isSuccess && (
        <Alert color="teal" role="status">
          {words.ended}
        </Alert>
      )}
      <WriteForm write={end} fields={["password", "code"]} button={words.end} onSubmit={() => end.send()} danger>
        <CurrentPassword label={words.password} value={password} onChange={setPassword} error={end.about("password")} />
        <TextInput
          maw={320}
          label={words.endCode}
          autoComplete="one-time-code"
          value={code}
          onChange={(event) => setCode(event.currentTarget.value)}
          error={end.about("code")}
        />
      </WriteForm>
    </Section>
  );
}
