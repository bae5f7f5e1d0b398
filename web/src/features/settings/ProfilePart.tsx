/** Who one is, and how dates and days are meant. */

import { Button, NativeSelect, Select, Stack, Text, TextInput } from "@mantine/core";
import { useState } from "react";

import { answer, api } from "@/api/client";
import type { ProfileUpdate } from "@/api/schema";
import { updateUser, useMe } from "@/api/session";
import { texts } from "@/texts";
import { Section } from "@/ui/forms/Section";
import { useWrite } from "@/ui/forms/useWrite";
import { WriteForm } from "@/ui/forms/WriteForm";
import { tell } from "@/ui/toasts";

import { CurrentPassword } from "./CurrentPassword";

const words = texts.account.profile;
const LOCALES = ["cs", "da", "de", "de-AT", "de-CH", "en", "en-GB", "en-US", "es", "fi", "fr", "hu", "it", "ja", "ko"];
const MORE_LOCALES = ["nb", "nl", "pl", "pt", "pt-BR", "ro", "sv", "tr", "uk", "zh"];

export default function ProfilePart() {
  return (
    <>
      <Profile />
      <Address />
    </>
  );
}

async function patchMe(body: ProfileUpdate) {
  return answer(api.PATCH("/api/v1/users/me", { body }));
}

function Profile() {
  const me = useMe();
  const [fullName, setFullName] = useState(me.full_name ?? "");
  const [locale, setLocale] = useState(me.locale);
  const [timezone, setTimezone] = useState<string>(me.timezone);
  const write = useWrite(patchMe, {
    done: (user) => {
      updateUser(user);
      tell(texts.common.saved);
    },
  });
  const save = () => write.send({ full_name: fullName.trim() === "" ? null : fullName.trim(), locale, timezone });
  const zones = Intl.supportedValuesOf("timeZone");

  return (
    <Section title={words.title}>
      <WriteForm write={write} fields={["full_name", "locale", "timezone"]} button={texts.common.save} onSubmit={save}>
        <TextInput
          maw={420}
          label={words.fullName}
          autoComplete="name"
          value={fullName}
          onChange={(event) => setFullName(event.currentTarget.value)}
          error={write.about("full_name")}
        />
        <NativeSelect
          maw={420}
          label={words.locale}
          data={localeChoices(me.locale)}
          value={locale}
          onChange={(event) => setLocale(event.currentTarget.value)}
          error={write.about("locale")}
        />
        <Select
          maw={420}
          label={words.timezone}
          description={words.timezoneHint}
          searchable
          limit={60}
          allowDeselect={false}
          data={[...new Set(["UTC", timezone, ...zones])]}
          value={timezone}
          onChange={(value) => setTimezone(value ?? timezone)}
          error={write.about("timezone")}
        />
      </WriteForm>
    </Section>
  );
}

function Address() {
  const me = useMe();
  const [email, setEmail] = useState("");
  const [password, setPassword] = useState("");
  const write = useWrite(patchMe, {
    codes: { wrong_password: "current_password", email_taken: "email" },
    done: (user) => {
      updateUser(user);
      setEmail("");
      setPassword("");
      tell(words.email.sent);
    },
  });
  const address = me.email ?? "";
  const resend = useWrite(() => answer(api.POST("/api/v1/auth/email/resend", { body: { email: address } })), {
    loud: true,
    done: () => tell(words.email.resent),
  });

  return (
    <Section title={words.email.title} text={words.email.hint}>
      <Stack gap="xs" align="flex-start">
        <Text>{words.email.now(address, me.email_verified)}</Text>
        {!me.email_verified && (
          <Button size="compact-sm" variant="default" loading={resend.isPending} onClick={() => resend.send()}>
            {words.email.resend}
          </Button>
        )}
      </Stack>
      <WriteForm
        write={write}
        fields={["email", "current_password"]}
        button={words.email.button}
        onSubmit={() => write.send({ email: email.trim(), current_password: password })}
      >
        <TextInput
          maw={420}
          type="email"
          label={words.email.field}
          required
          autoComplete="email"
          value={email}
          onChange={(event) => setEmail(event.currentTarget.value)}
          error={write.about("email")}
        />
        <CurrentPassword
          label={words.email.password}
          value={password}
          onChange={setPassword}
          error={write.about("current_password")}
        />
      </WriteForm>
    </Section>
  );
}

function localeChoices(mine: string) {
  const names = new Intl.DisplayNames("en", { type: "language" });
  return [...new Set([mine, ...LOCALES, ...MORE_LOCALES])].map((value) => ({ value, label: names.of(value) ?? value }));
}
