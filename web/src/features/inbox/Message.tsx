/** One message: who did what, and a way to it, which marks it as read. */

import { ActionIcon, Anchor, Group, Text } from "@mantine/core";
import { IconCheck } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";

import type { NotificationRead } from "@/api/schema";
import { showAgo, showInstant } from "@/format/dates";
import { useProjects } from "@/features/projects/queries";
import { personName } from "@/features/tasks/pickers/choices";
import { texts } from "@/texts";

import classes from "./Message.module.css";
import { actorQuery } from "./queries";
import { useRead } from "./useRead";

export function Message({ message }: { message: NotificationRead }) {
  const read = useRead();
  const isUnread = message.read_at === null;
  const markRead = () => {
    if (isUnread) read.mutate({ ids: [message.id] });
  };
  return (
    <Group gap="xs" wrap="nowrap" py={6} data-unread={isUnread || undefined} className={classes.message}>
      <span aria-hidden className={classes.mark} />
      <Text size="sm" flex={1} c={isUnread ? undefined : "dimmed"} className={classes.words}>
        {isUnread && <span className="visually-hidden">{`${texts.inbox.unread}: `}</span>}
        <Actor id={message.actor_id} /> {texts.inbox.kinds[message.kind]} <Way message={message} onGo={markRead} />
      </Text>
      <Text
        size="xs"
        c="dimmed"
        className={classes.when}
        component="time"
        dateTime={message.created_at}
        title={showInstant(message.created_at)}
      >
        {showAgo(message.created_at)}
      </Text>
      {isUnread && (
        <ActionIcon variant="subtle" aria-label={texts.inbox.read(message.title)} onClick={markRead}>
          <IconCheck size={16} aria-hidden />
        </ActionIcon>
      )}
    </Group>
  );
}

function Way({ message, onGo }: { message: NotificationRead; onGo: () => void }) {
  const project = useProjects().find((one) => one.id === message.project_id);
  if (message.task_key !== null) {
    const task = message.task_key;
    return (
      <Anchor
        renderRoot={(props) => <Link {...props} to="/tasks/$task" params={{ task }} />}
        onClick={onGo}
        inherit
        underline="always"
      >
        {message.title}
      </Anchor>
    );
  }
  if (project === undefined) return message.title;
  return (
    <Anchor
      renderRoot={(props) => <Link {...props} to="/projects/$project/board" params={{ project: project.key }} />}
      onClick={onGo}
      inherit
      underline="always"
    >
      {message.title}
    </Anchor>
  );
}

/** Who did it, by name; a person who shares no project with me any more is somebody. */
function Actor({ id }: { id: string | null }) {
  const person = useQuery({ ...actorQuery(id ?? ""), enabled: id !== null }).data;
  if (id === null) return null;
  return <span className={classes.who}>{person === undefined ? texts.common.someone : personName(person)}</span>;
}
