/** In the place of a task that is not there, or that could not be loaded. */

import { Button, Group, Stack, Text, Title } from "@mantine/core";

import { Problem } from "@/api/problems";
import { Renewed } from "@/app/edges";
import { isMissingPart, tryAgain, useComingBack, useRenewal } from "@/app/renewal";
import { texts } from "@/texts";
import { messageOf } from "@/ui/toasts";

type Props = { error: unknown; onClose: () => void; onRetry: () => void };

export function PanelProblem({ error, onClose, onRetry }: Props) {
  const isGone = error instanceof Problem && error.status === 404;
  const reason = isMissingPart(error) ? texts.edges.missing : messageOf(error);
  useComingBack(error, onRetry);
  if (useRenewal(error)) return <Renewed />;
  return (
    <Stack p="lg">
      <Title order={2} size="h4">
        {isGone ? texts.edges.notFound : texts.common.failed}
      </Title>
      <Text role="alert">{isGone ? texts.common.notFound : reason}</Text>
      <Group>
        {!isGone && <Button onClick={() => tryAgain(error, onRetry)}>{texts.common.retry}</Button>}
        <Button variant="default" onClick={onClose}>
          {texts.common.close}
        </Button>
      </Group>
    </Stack>
  );
}
