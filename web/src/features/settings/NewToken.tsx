/** The form that makes an API token and shows it once. */

import { Checkbox, MultiSelect, SimpleGrid, TextInput } from "@mantine/core";
import { useState } from "react";

import { answer, api } from "@/api/client";
import type { ApiTokenCreate, Scope } from "@/api/schema";
import { useProjects } from "@/features/projects/queries";
import { addDays, today } from "@/format/dates";
import { texts } from "@/texts";
import { SecretOnce } from "@/ui/forms/SecretOnce";
import { useWrite } from "@/ui/forms/useWrite";
import { WriteForm } from "@/ui/forms/WriteForm";

import { tokensQuery } from "./queries";

const words = texts.account.tokens;
const SCOPES = Object.keys(words.scopeNames) as Scope[];
const USUAL_DAYS = 90;
// A year at most, and the chosen day is meant to its end.
const MOST_DAYS = 364;

export function NewToken() {
  const projects = useProjects();
  const [name, setName] = useState("");
  const [scopes, setScopes] = useState<string[]>([]);
  const [chosen, setChosen] = useState<string[]>([]);
  const [until, setUntil] = useState(addDays(today(), USUAL_DAYS));
  const write = useWrite((body: ApiTokenCreate) => answer(api.POST("/api/v1/auth/tokens", { body })), {
    stale: [tokensQuery.queryKey],
    done: () => {
      setName("");
      setScopes([]);
      setChosen([]);
    },
  });
  const create = () =>
    write.send({
      name: name.trim(),
      scopes: SCOPES.filter((scope) => scopes.includes(scope)),
      expires_at: new Date(`${until}T23:59:59`).toISOString(),
      ...(chosen.length === 0 ? {} : { project_ids: chosen }),
    });

  return (
    <>
      {write.data !== undefined && (
        <SecretOnce title={words.made} secret={write.data.token} onClose={() => write.reset()} />
      )}
      <WriteForm
        write={write}
        fields={["name", "scopes", "expires_at", "project_ids"]}
        button={words.button}
        label={words.button}
        onSubmit={create}
      >
        <TextInput
          maw={420}
          label={words.name}
          description={words.nameHint}
          required
          value={name}
          onChange={(event) => setName(event.currentTarget.value)}
          error={write.about("name")}
        />
        <Checkbox.Group label={words.scopes} required value={scopes} onChange={setScopes} error={write.about("scopes")}>
          <SimpleGrid cols={{ base: 1, sm: 2 }} spacing="xs" mt={4}>
            {SCOPES.map((scope) => (
              <Checkbox key={scope} value={scope} label={words.scopeNames[scope]} />
            ))}
          </SimpleGrid>
        </Checkbox.Group>
        <MultiSelect
          maw={420}
          label={words.projects}
          description={words.projectsHint}
          data={projects.map((project) => ({ value: project.id, label: project.name }))}
          value={chosen}
          onChange={setChosen}
          error={write.about("project_ids")}
        />
        <TextInput
          maw={220}
          type="date"
          label={words.expires}
          required
          min={today()}
          max={addDays(today(), MOST_DAYS)}
          value={until}
          onChange={(event) => setUntil(event.currentTarget.value)}
          error={write.about("expires_at")}
        />
      </WriteForm>
    </>
  );
}
