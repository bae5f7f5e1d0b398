/** Another password, with the one of now as proof. */

import { Alert, Checkbox } from "@mantine/core";
import { useState } from "react";

import { answer, api } from "@/api/client";
import { texts } from "@/texts";
import { PasswordField } from "@/ui/forms/PasswordField";
import { Section } from "@/ui/forms/Section";
import { useWrite } from "@/ui/forms/useWrite";
import { WriteForm } from "@/ui/forms/WriteForm";

import { CurrentPassword } from "./CurrentPassword";

const words = texts.account.password;

export default function PasswordPart() {
  const [current, setCurrent] = useState("");
  const [next, setNext] = useState("");
  const [endTokens, setEndTokens] = useState(false);
  const write = useWrite(
    () =>
      answer(
        api.POST("/api/v1/auth/password/change", {
          body: { current_password: current, new_password: next, end_tokens: endTokens },
        }),
      ),
    {
      codes: { wrong_password: "current_password" },
      stale: [["mine"]],
      done: () => {
        setCurrent("");
        setNext("");
      },
    },
  );
  return (
    <Section title={words.title} text={words.text}>
      {write.data !== undefined && (
        <Alert color="teal" role="status">
          {words.done}
          {words.tokensStay(write.data.api_tokens.length)}
        </Alert>
      )}
      <WriteForm
        write={write}
        fields={["current_password", "new_password"]}
        button={words.button}
        onSubmit={() => write.send()}
      >
        <CurrentPassword
          label={words.current}
          value={current}
          onChange={setCurrent}
          error={write.about("current_password")}
        />
        <PasswordField
          maw={420}
          label={words.next}
          description={texts.auth.creating.passwordHint}
          required
          autoComplete="new-password"
          value={next}
          onChange={(event) => setNext(event.currentTarget.value)}
          error={write.about("new_password")}
        />
        <Checkbox
          label={words.endTokens}
          checked={endTokens}
          onChange={(event) => setEndTokens(event.currentTarget.checked)}
        />
      </WriteForm>
    </Section>
  );
}
