/** What stands in the place of a page: while it loads, when it is not there, when it could not be loaded. */

import { Anchor, Button, Center, Stack, Text, Title } from "@mantine/core";
import { type ErrorComponentProps, Link, useRouter } from "@tanstack/react-router";
import { useCallback } from "react";

import { Problem } from "@/api/problems";
import { texts } from "@/texts";
import { messageOf } from "@/ui/toasts";
import { Waiting } from "@/ui/Waiting";

import { isMissingPart, tryAgain, useComingBack, useRenewal } from "./renewal";

export function Pending() {
  return (
    <Center mih={200}>
      <Waiting />
    </Center>
  );
}

/** Below the heading of a project it is a part of that page. */
export function NotFound({ order = 1 }: { order?: 1 | 2 }) {
  return (
    <Center mih={300}>
      <Stack align="center">
        <Title order={order} size="h2">
          {texts.edges.notFound}
        </Title>
        <Text ta="center">{texts.common.notFound}</Text>
        <Anchor component={Link} to="/" underline="always">
          {texts.shell.home}
        </Anchor>
      </Stack>
    </Center>
  );
}

export function WentWrong({ error }: ErrorComponentProps) {
  const router = useRouter();
  const again = useCallback(() => void router.invalidate(), [router]);
  useComingBack(error, again);
  if (useRenewal(error)) return <Renewed />;
  if (error instanceof Problem && error.status === 404) return <NotFound />;
  return (
    <Center mih={300}>
      <Stack align="center">
        <Title order={1} size="h2">
          {texts.common.failed}
        </Title>
        <Text role="alert">{isMissingPart(error) ? texts.edges.missing : messageOf(error)}</Text>
        <Button onClick={() => tryAgain(error, again)}>{texts.common.retry}</Button>
      </Stack>
    </Center>
  );
}

/** Where no frame is around it, it is all that the page has. */
export function NotFoundAlone() {
  return (
    <main>
      <NotFound />
    </main>
  );
}

export function WentWrongAlone(props: ErrorComponentProps) {
  return (
    <main>
      <WentWrong {...props} />
    </main>
  );
}

export function Renewed() {
  return (
    <Center mih={300}>
      <Text role="status">{texts.edges.renewed}</Text>
    </Center>
  );
}
