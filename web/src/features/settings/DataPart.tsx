/** All that is held about one, to take along, and the end of the account. */

import { Button, Group } from "@mantine/core";
import { useQueryClient } from "@tanstack/react-query";
import { useState } from "react";

import { answer, api } from "@/api/client";
import { download } from "@/api/download";
import { forget } from "@/api/session";
import { texts } from "@/texts";
import { Section } from "@/ui/forms/Section";
import { useWrite } from "@/ui/forms/useWrite";
import { WriteForm } from "@/ui/forms/WriteForm";

import { CurrentPassword } from "./CurrentPassword";

const words = texts.account.data;

export default function DataPart() {
  const [password, setPassword] = useState("");
  const client = useQueryClient();
  const take = useWrite(() => download("/api/v1/users/me/export", "taskapi-export.zip"), { loud: true });
  const end = useWrite(() => answer(api.DELETE("/api/v1/users/me", { body: { password } })), {
    codes: { wrong_password: "password" },
    done: () => {
      forget();
      client.clear();
    },
  });
  return (
    <>
      <Section title={words.title} text={words.text}>
        <Group>
          <Button variant="default" loading={take.isPending} onClick={() => take.send()}>
            {words.download}
          </Button>
        </Group>
      </Section>
      <Section title={words.deletion} text={words.deletionText}>
        <WriteForm write={end} fields={["password"]} button={words.button} onSubmit={() => end.send()} danger>
          <CurrentPassword
            label={words.password}
            value={password}
            onChange={setPassword}
            error={end.about("password")}
          />
        </WriteForm>
      </Section>
    </>
  );
}
