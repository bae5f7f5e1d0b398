/** Who is in a project and what they may do there. */

import { Group, Stack, Text } from "@mantine/core";

import { answer, api } from "@/api/client";
import type { MemberRead, MemberUpdate, ProjectRead } from "@/api/schema";
import { useMe } from "@/api/session";
import { PersonAvatar, personName } from "@/features/tasks/pickers/choices";
import { texts } from "@/texts";
import { InlineText } from "@/ui/forms/InlineText";
import { numberIn } from "@/ui/forms/numbers";
import { Rows } from "@/ui/forms/Rows";
import { Section } from "@/ui/forms/Section";
import { useWrite } from "@/ui/forms/useWrite";

import { holds, may, reaches, useProjectParts } from "../../queries";
import { DeleteButton } from "../DeleteButton";
import { useDeletion } from "../deletion";
import { AddMember } from "./AddMember";
import { Invitations } from "./Invitations";
import { RoleSelect } from "./RoleSelect";

const words = texts.projectSettings.members;

export default function MembersPart({ project }: { project: ProjectRead }) {
  const members = useProjectParts(project.key).members.map((member) => ({ ...member, id: member.user.id }));
  return (
    <>
      <Section title={words.title}>
        <Rows label={words.list} items={members} none={words.none}>
          {(member) => <Member project={project} member={member} />}
        </Rows>
      </Section>
      {may(project, "admin") && <AddMember project={project} />}
      {holds(project, "admin") && <Invitations project={project} />}
    </>
  );
}

function Member({ project, member }: { project: ProjectRead; member: MemberRead & { id: string } }) {
  const me = useMe();
  const name = personName(member.user);
  const path = { project: project.key, user_id: member.user.id };
  const change = useWrite(
    (body: MemberUpdate) =>
      answer(api.PATCH("/api/v1/projects/{project}/members/{user_id}", { params: { path }, body })),
    { loud: true, stale: [["project", project.key]] },
  );
  const deletion = useDeletion<MemberRead & { id: string }>({
    project: project.key,
    part: "members",
    remove: () => answer(api.DELETE("/api/v1/projects/{project}/members/{user_id}", { params: { path } })),
    restore: ({ user, role }) =>
      answer(
        api.POST("/api/v1/projects/{project}/members", {
          params: { path: { project: project.key } },
          body: { user_id: user.id, role },
        }),
      ),
    said: () => texts.projectSettings.removed(name),
  });
  const isMine = member.user.id === me.id;
  const above = !reaches(project.role, member.role);

  return (
    <Group justify="space-between">
      <Group gap="sm">
        <PersonAvatar person={member.user} size={28} />
        <Stack gap={0}>
          <Text>{name}</Text>
          <Text size="sm" c="dimmed">
            @{member.user.username}
          </Text>
        </Stack>
      </Group>
      {may(project, "admin") && !above ? (
        <Group gap="xs">
          <InlineText
            label={words.capacityOf(name)}
            placeholder={words.capacity}
            value={member.weekly_capacity === null ? "" : String(member.weekly_capacity)}
            onSave={async (typed) => change.save({ weekly_capacity: numberIn(typed) })}
          />
          <RoleSelect
            name={{ "aria-label": words.roleOf(name) }}
            project={project}
            value={change.sending?.role ?? member.role}
            onChange={(role) => change.send({ role })}
          />
          {!isMine && (
            <DeleteButton label={texts.projectSettings.removeOf(name)} onClick={() => deletion.remove(member)} />
          )}
        </Group>
      ) : (
        <Group gap="xs">
          <Text size="sm">{texts.projects.roles[member.role]}</Text>
          {holds(project, "admin") && !above && !isMine && (
            <DeleteButton label={texts.projectSettings.removeOf(name)} onClick={() => deletion.remove(member)} />
          )}
        </Group>
      )}
    </Group>
  );
}
