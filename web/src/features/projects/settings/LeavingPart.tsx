/** The ways out of a project: handing it over, leaving it, putting it into the trash. */

import { Button, Group, NativeSelect } from "@mantine/core";
import { useQueryClient } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { useState } from "react";

import { answer, api } from "@/api/client";
import type { ProjectRead } from "@/api/schema";
import { useMe } from "@/api/session";
import { personName } from "@/features/tasks/pickers/choices";
import { texts } from "@/texts";
import { ConfirmButton } from "@/ui/forms/ConfirmButton";
import { Section } from "@/ui/forms/Section";
import { useWrite } from "@/ui/forms/useWrite";
import { WriteForm } from "@/ui/forms/WriteForm";
import { tell, tellUndoable } from "@/ui/toasts";

import { forgetProject, leaveProject, LEAVING } from "../leaving";
import { holds, may, useProjectParts } from "../queries";

const words = texts.projectSettings.leaving;

export default function LeavingPart({ project }: { project: ProjectRead }) {
  return (
    <>
      {may(project, "owner") && <Transfer project={project} />}
      <Leave project={project} />
      {holds(project, "owner") && <Remove project={project} />}
    </>
  );
}

function Transfer({ project }: { project: ProjectRead }) {
  const me = useMe();
  const others = useProjectParts(project.key).members.filter(({ user }) => user.id !== me.id);
  const [to, setTo] = useState("");
  const chosen = others.find(({ user }) => user.id === to)?.user;
  const write = useWrite(
    () =>
      answer(
        api.POST("/api/v1/projects/{project}/transfer", {
          params: { path: { project: project.key } },
          body: { user_id: to },
        }),
      ),
    {
      stale: [["project", project.key], ["projects"]],
      done: () => chosen !== undefined && tell(words.transferred(personName(chosen))),
    },
  );
  if (others.length === 0) return null;
  return (
    <Section title={words.transfer} text={words.transferText}>
      <WriteForm write={write} button={words.transferButton} onSubmit={() => write.send()}>
        <NativeSelect
          maw={320}
          label={words.to}
          required
          data={[{ value: "", label: "" }, ...others.map(({ user }) => ({ value: user.id, label: personName(user) }))]}
          value={to}
          onChange={(event) => setTo(event.currentTarget.value)}
        />
      </WriteForm>
    </Section>
  );
}

function Leave({ project }: { project: ProjectRead }) {
  const me = useMe();
  const { members } = useProjectParts(project.key);
  const params = { path: { project: project.key } };
  const write = useGoing(project, () => answer(api.POST("/api/v1/projects/{project}/leave", { params })));
  const mine = members.find(({ user }) => user.id === me.id);
  // An administrator of the service looks after projects without being in them.
  if (mine === undefined) return null;
  const isLastOwner = mine.role === "owner" && !members.some((one) => one !== mine && one.role === "owner");
  if (isLastOwner) return <Section title={words.leave} text={words.leaveOwner} />;
  return (
    <Section title={words.leave} text={words.leaveText}>
      <Group>
        <ConfirmButton
          label={words.leaveButton}
          question={words.leaveQuestion}
          loading={write.isPending}
          onConfirm={() => write.send()}
        />
      </Group>
    </Section>
  );
}

function Remove({ project }: { project: ProjectRead }) {
  const client = useQueryClient();
  // By its id: a key may be given away once its project is in the trash.
  const params = { path: { project: project.id } };
  const restore = async () => {
    await answer(api.POST("/api/v1/projects/{project}/restore", { params }));
    await client.invalidateQueries({ queryKey: ["projects"] });
  };
  const remove = () => answer(api.DELETE("/api/v1/projects/{project}", { params }));
  const write = useGoing(project, remove, () => tellUndoable(texts.projectSettings.deleted(project.name), restore));
  return (
    <Section title={words.remove} text={words.removeText}>
      <Group>
        <Button color="red" loading={write.isPending} onClick={() => write.send()}>
          {words.removeButton}
        </Button>
      </Group>
    </Section>
  );
}

/** Out of the project, and to the list of those that are left. */
function useGoing(project: ProjectRead, go: () => Promise<unknown>, gone?: () => void) {
  const client = useQueryClient();
  const navigate = useNavigate();
  return useWrite(() => leaveProject(client, project, go), {
    key: LEAVING,
    loud: true,
    stale: [["projects"]],
    done: async () => {
      await navigate({ to: "/projects" });
      forgetProject(client, project);
      gone?.();
    },
  });
}
