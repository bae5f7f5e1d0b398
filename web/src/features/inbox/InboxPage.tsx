/** All my messages, the newest first. */

import { Button, Group, Paper, Stack, Switch, Text, Title } from "@mantine/core";
import { useInfiniteQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { useState } from "react";

import { Pending } from "@/app/edges";
import { texts } from "@/texts";
import { Empty } from "@/ui/Empty";
import { MoreButton } from "@/ui/MoreButton";
import { messageOf, tell } from "@/ui/toasts";

import { Message } from "./Message";
import { inboxQuery } from "./queries";
import { useRead } from "./useRead";

const words = texts.inbox;

export default function InboxPage() {
  const [unreadOnly, setUnreadOnly] = useState(false);
  const pages = useInfiniteQuery(inboxQuery(unreadOnly));
  const { data, error } = pages;
  const read = useRead();
  const first = data?.pages[0];
  const messages = data?.pages.flatMap((page) => page.items) ?? [];
  // What came in after the page was drawn stays unread.
  const readAll = () => {
    const newest = messages[0];
    if (newest === undefined) return;
    read.mutate({ before: newest.created_at }, { onSuccess: (now) => tell(words.done(now.read)) });
  };

  return (
    <Stack maw={760}>
      <Group justify="space-between">
        <Title order={1} size="h3">
          {words.title}
        </Title>
        <Group>
          <Switch
            label={words.unreadOnly}
            checked={unreadOnly}
            onChange={(event) => setUnreadOnly(event.currentTarget.checked)}
          />
          <Button
            variant="default"
            onClick={readAll}
            disabled={(first?.unread_count ?? 0) === 0}
            loading={read.isPending}
          >
            {words.readAll}
          </Button>
        </Group>
      </Group>
      {error !== null && <Text role="alert">{messageOf(error)}</Text>}
      {data === undefined && error === null && <Pending />}
      {data !== undefined && messages.length === 0 && (
        <Empty text={unreadOnly ? words.allRead : words.empty}>
          <Button
            variant="default"
            renderRoot={(props) => <Link {...props} to="/settings/$part" params={{ part: "notifications" }} />}
          >
            {words.choose}
          </Button>
        </Empty>
      )}
      {messages.length > 0 && (
        <Paper withBorder px="sm">
          {messages.map((message) => (
            <Message key={message.id} message={message} />
          ))}
        </Paper>
      )}
      <MoreButton pages={pages} />
    </Stack>
  );
}
