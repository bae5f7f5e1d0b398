/** An authenticator app: set up, its recovery codes, and how it is turned off. */

import { Alert, Code, Group, Image, Stack, Text, TextInput } from "@mantine/core";
import { useState } from "react";

import { answer, api } from "@/api/client";
import { Problem } from "@/api/problems";
import { texts } from "@/texts";
import { Section } from "@/ui/forms/Section";
import { useWrite } from "@/ui/forms/useWrite";
import { WriteForm } from "@/ui/forms/WriteForm";

import { CurrentPassword } from "./CurrentPassword";
import { EndSecondFactor } from "./EndSecondFactor";
import { RecoveryCodes } from "./RecoveryCodes";

const words = texts.account.factor;

export default function SecondFactorPart() {
  return (
    <>
      <Enrolment />
      <Renewal />
      <EndSecondFactor />
    </>
  );
}

function Enrolment() {
  const [password, setPassword] = useState("");
  const [code, setCode] = useState("");
  const begin = useWrite(() => answer(api.POST("/api/v1/auth/totp", { body: { password } })), {
    codes: { wrong_password: "password" },
    done: () => setPassword(""),
  });
  const confirm = useWrite(() => answer(api.POST("/api/v1/auth/totp/confirm", { body: { code: code.trim() } })), {
    codes: { wrong_totp_code: "code" },
  });
  const isOn = begin.error instanceof Problem && begin.error.code === "totp_already_on";

  return (
    <Section title={words.title} text={words.text}>
      {isOn && <Alert>{words.isOn}</Alert>}
      {confirm.data !== undefined && <RecoveryCodes codes={confirm.data.recovery_codes} />}
      {begin.data === undefined && !isOn && (
        <WriteForm write={begin} fields={["password"]} button={words.begin} onSubmit={() => begin.send()}>
          <CurrentPassword
            label={words.password}
            value={password}
            onChange={setPassword}
            error={begin.about("password")}
          />
        </WriteForm>
      )}
      {begin.data !== undefined && confirm.data === undefined && (
        <Stack>
          <Text>{words.scan}</Text>
          <Group align="flex-start">
            <Image
              w={200}
              bg="white"
              alt={words.qr}
              src={`data:image/svg+xml;utf8,${encodeURIComponent(begin.data.qr_svg)}`}
            />
            <Code style={{ overflowWrap: "anywhere" }}>{begin.data.secret}</Code>
          </Group>
          <WriteForm write={confirm} fields={["code"]} button={words.confirm} onSubmit={() => confirm.send()}>
            <TextInput
              maw={220}
              label={words.code}
              required
              inputMode="numeric"
              autoComplete="one-time-code"
              value={code}
              onChange={(event) => setCode(event.currentTarget.value)}
              error={confirm.about("code")}
              autoFocus
            />
          </WriteForm>
        </Stack>
      )}
    </Section>
  );
}

function Renewal() {
  const [code, setCode] = useState("");
  const renew = useWrite(() => answer(api.POST("/api/v1/auth/totp/recovery-codes", { body: { code: code.trim() } })), {
    codes: { wrong_totp_code: "code" },
    done: () => setCode(""),
  });
  return (
    <Section title={words.renewTitle} text={words.renewText}>
      {renew.data !== undefined && <RecoveryCodes codes={renew.data.recovery_codes} />}
      <WriteForm write={renew} fields={["code"]} button={words.renew} onSubmit={() => renew.send()}>
        <TextInput
          maw={320}
          label={words.endCode}
          required
          autoComplete="one-time-code"
          value={code}
          onChange={(event) => setCode(event.currentTarget.value)}
          error={renew.about("code")}
        />
      </WriteForm>
    </Section>
  );
}
