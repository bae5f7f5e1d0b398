/** The newest of my messages. */

import { Text, Title } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";

import { Message } from "@/features/inbox/Message";
import { texts } from "@/texts";

import { latelyQuery } from "./queries";

export function Lately() {
  const messages = useQuery(latelyQuery()).data;
  return (
    <section aria-labelledby="lately">
      <Title order={2} size="h4" id="lately" mb="sm">
        {texts.home.happened}
      </Title>
      {messages?.items.length === 0 && <Text>{texts.home.quiet}</Text>}
      {messages?.items.map((message) => (
        <Message key={message.id} message={message} />
      ))}
    </section>
  );
}
