/** Emoji under a comment: to see whose, to join, and to add another. */

import { ActionIcon, Button, Group, Popover, Stack, TextInput, Tooltip } from "@mantine/core";
import { IconMoodPlus } from "@tabler/icons-react";
import { type SubmitEvent, useState } from "react";

import type { CommentExpanded, ReactionRead } from "@/api/schema";
import { useOpenTask } from "@/features/tasks/panel/openTask";
import { personName } from "@/features/tasks/pickers/choices";
import { texts } from "@/texts";

import { useReact } from "./queries";

const words = texts.comments;
const OFTEN = ["👍", "❤️", "🎉", "😄", "👀", "🙏"];

export function Reactions({ comment }: { comment: CommentExpanded }) {
  const { task, members, mayComment } = useOpenTask();
  const react = useReact(task.key, comment);
  const whose = (reaction: ReactionRead) =>
    reaction.user_ids
      .map((id) => members.find(({ user }) => user.id === id)?.user)
      .map((user) => (user === undefined ? texts.common.someone : personName(user)))
      .join(", ");
  if (comment.reactions.length === 0 && !mayComment) return null;
  return (
    <Group gap={4}>
      {comment.reactions.map((reaction) => (
        <Tooltip key={reaction.emoji} label={whose(reaction)} disabled={reaction.user_ids.length === 0}>
          <Button
            size="compact-xs"
            mih={24}
            variant={reaction.mine ? "light" : "default"}
            aria-pressed={reaction.mine}
            aria-label={words.reaction(reaction.emoji, reaction.count)}
            disabled={!mayComment}
            onClick={() => react.mutate(reaction)}
          >
            {reaction.emoji} {reaction.count}
          </Button>
        </Tooltip>
      ))}
      {mayComment && (
        <AnotherReaction
          onPick={(emoji) => {
            const mine = comment.reactions.some((one) => one.emoji === emoji && one.mine);
            if (!mine) react.mutate({ emoji, mine });
          }}
        />
      )}
    </Group>
  );
}

function AnotherReaction({ onPick }: { onPick: (emoji: string) => void }) {
  const [opened, setOpened] = useState(false);
  const [typed, setTyped] = useState("");
  const pick = (emoji: string) => {
    setOpened(false);
    setTyped("");
    onPick(emoji);
  };
  const submit = (event: SubmitEvent) => {
    event.preventDefault();
    if (typed.trim() !== "") pick(typed.trim());
  };
  return (
    <Popover opened={opened} onChange={setOpened} trapFocus returnFocus withinPortal>
      <Popover.Target>
        <ActionIcon size={24} variant="subtle" color="gray" aria-label={words.react} onClick={() => setOpened(!opened)}>
          <IconMoodPlus size={16} aria-hidden />
        </ActionIcon>
      </Popover.Target>
      <Popover.Dropdown aria-label={words.react}>
        <Stack gap="xs">
          <Group gap={2}>
            {OFTEN.map((emoji) => (
              <ActionIcon
                key={emoji}
                size={32}
                variant="subtle"
                color="gray"
                aria-label={words.reactWith(emoji)}
                onClick={() => pick(emoji)}
              >
                {emoji}
              </ActionIcon>
            ))}
          </Group>
          <form onSubmit={submit}>
            <TextInput
              size="xs"
              aria-label={words.anotherEmoji}
              placeholder={words.anotherEmoji}
              value={typed}
              onChange={(event) => setTyped(event.currentTarget.value)}
            />
          </form>
        </Stack>
      </Popover.Dropdown>
    </Popover>
  );
}
