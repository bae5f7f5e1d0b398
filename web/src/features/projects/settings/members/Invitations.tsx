/** Invites people by mail, and shows who was invited and has not come yet. */

import { Alert, Anchor, Button, Group, Text, TextInput } from "@mantine/core";
import { queryOptions, useSuspenseQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { useState } from "react";

import { answer, api } from "@/api/client";
import type { ProjectRead, ProjectRole } from "@/api/schema";
import { useMe } from "@/api/session";
import { dayOf, showDay } from "@/format/dates";
import { texts } from "@/texts";
import { Rows } from "@/ui/forms/Rows";
import { Section } from "@/ui/forms/Section";
import { useWrite } from "@/ui/forms/useWrite";
import { WriteForm } from "@/ui/forms/WriteForm";
import { tell } from "@/ui/toasts";

import { may } from "../../queries";
import { RoleSelect } from "./RoleSelect";

const words = texts.projectSettings.members;

const invitationsQuery = (project: string) =>
  queryOptions({
    queryKey: ["project", project, "invitations"],
    queryFn: async () =>
      (
        await answer(
          api.GET("/api/v1/projects/{project}/invitations", { params: { path: { project }, query: { limit: 200 } } }),
        )
      ).items,
  });

export function Invitations({ project }: { project: ProjectRead }) {
  const { email_verified } = useMe();
  const { data: invitations } = useSuspenseQuery(invitationsQuery(project.key));
  const revoke = useWrite(
    ({ id }: { id: string; email: string }) =>
      answer(
        api.DELETE("/api/v1/projects/{project}/invitations/{invitation_id}", {
          params: { path: { project: project.key, invitation_id: id } },
        }),
      ),
    {
      loud: true,
      stale: [invitationsQuery(project.key).queryKey],
      done: (_nothing, { email }) => tell(words.revoked(email)),
    },
  );
  return (
    <Section title={words.invite} text={words.inviteText}>
      {may(project, "admin") && (email_verified ? <Invite project={project} /> : <Unproven />)}
      <Rows label={words.invitations} items={invitations} none={words.noInvitations}>
        {(invitation) => (
          <Group justify="space-between">
            <Text>
              {invitation.email}{" "}
              <Text span c="dimmed" size="sm">
                {texts.projects.roles[invitation.role]}, {words.until(showDay(dayOf(invitation.expires_at)))}
              </Text>
            </Text>
            <Button
              size="compact-sm"
              variant="default"
              aria-label={words.revokeOf(invitation.email)}
              loading={revoke.sending?.id === invitation.id}
              onClick={() => revoke.send(invitation)}
            >
              {words.revoke}
            </Button>
          </Group>
        )}
      </Rows>
    </Section>
  );
}

/** Who has not confirmed an address may have no mail sent to others: it is said before they have typed one. */
function Unproven() {
  return (
    <Alert>
      {words.unproven}{" "}
      <Anchor
        inherit
        c="inherit"
        underline="always"
        renderRoot={(props) => <Link {...props} to="/settings/$part" params={{ part: "profile" }} />}
      >
        {words.prove}
      </Anchor>
    </Alert>
  );
}

function Invite({ project }: { project: ProjectRead }) {
  const [email, setEmail] = useState("");
  const [role, setRole] = useState<ProjectRole>("editor");
  const write = useWrite(
    (address: string) =>
      answer(
        api.POST("/api/v1/projects/{project}/invitations", {
          params: { path: { project: project.key } },
          body: { email: address, role },
        }),
      ),
    {
      stale: [invitationsQuery(project.key).queryKey],
      codes: { already_member: "email" },
      done: (_invitation, address) => {
        setEmail("");
        tell(words.invited(address));
      },
    },
  );
  return (
    <WriteForm write={write} fields={["email"]} button={words.inviteButton} onSubmit={() => write.send(email.trim())}>
      <Group align="flex-start">
        <TextInput
          type="email"
          label={words.email}
          required
          value={email}
          onChange={(event) => setEmail(event.currentTarget.value)}
          error={write.about("email")}
        />
        <RoleSelect name={{ label: words.role }} project={project} value={role} onChange={setRole} />
      </Group>
    </WriteForm>
  );
}
