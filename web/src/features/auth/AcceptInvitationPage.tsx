/** The link of an invitation: who is signed in joins, anybody else comes in first and is led back. */

import { Alert, Anchor, Button, Stack, Text, Title } from "@mantine/core";
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { Link, useNavigate } from "@tanstack/react-router";
import { useState } from "react";

import { answer, api } from "@/api/client";
import { signOut, usable, useSession } from "@/api/session";
import { Pending } from "@/app/edges";
import { personName } from "@/features/tasks/pickers/choices";
import { texts } from "@/texts";
import { useWrite } from "@/ui/forms/useWrite";
import { WriteForm } from "@/ui/forms/WriteForm";
import { tell } from "@/ui/toasts";

import { useLinkToken } from "./linkToken";

const words = texts.auth.inviting;
// Of this tab alone, so that the token comes along through signing in without standing in an address.
const KEPT = "taskapi.invitation";

export default function AcceptInvitationPage() {
  const given = useLinkToken();
  const [token] = useState(() => {
    if (given !== undefined) sessionStorage.setItem(KEPT, given);
    return given ?? sessionStorage.getItem(KEPT);
  });
  const asked = useQuery({ queryKey: ["session"], queryFn: async () => (await usable()) !== null, gcTime: 0 });
  const session = useSession();
  if (asked.isPending) return <Pending />;
  return (
    <Stack>
      <Title order={1} size="h3">
        {words.title}
      </Title>
      {token === null && <Alert color="yellow">{texts.auth.linkMissing}</Alert>}
      {token !== null && session !== null && <Acceptance token={token} user={session.user} />}
      {token !== null && session === null && <ComeIn />}
    </Stack>
  );
}

function ComeIn() {
  const next = "/invitations/accept";
  return (
    <>
      <Text>{words.visitor}</Text>
      <Stack gap="xs">
        <Button renderRoot={(props) => <Link {...props} to="/sign-in" search={{ next }} />}>{texts.auth.signIn}</Button>
        <Button variant="default" renderRoot={(props) => <Link {...props} to="/create-account" search={{ next }} />}>
          {texts.auth.createAccount}
        </Button>
      </Stack>
    </>
  );
}

type Who = { username: string; full_name: string | null; email: string | null; id: string };

function Acceptance({ token, user }: { token: string; user: Who }) {
  const client = useQueryClient();
  const navigate = useNavigate();
  const write = useWrite(() => answer(api.POST("/api/v1/invitations/accept", { body: { token } })), {
    stale: [["projects"]],
    done: async (project) => {
      sessionStorage.removeItem(KEPT);
      tell(words.done(project.name));
      await navigate({ to: "/projects/$project/board", params: { project: project.key } });
    },
  });
  const leave = useWrite(() => signOut(), { done: () => client.clear(), loud: true });
  return (
    <>
      <Text>{words.signedIn(personName(user), user.email ?? "")}</Text>
      <WriteForm write={write} button={words.button} full onSubmit={() => write.send()} />
      <Button variant="default" loading={leave.isPending} onClick={() => leave.send()}>
        {words.leave}
      </Button>
      {write.error !== null && (
        <Anchor component={Link} to="/" underline="always">
          {words.home}
        </Anchor>
      )}
    </>
  );
}
