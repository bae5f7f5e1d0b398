/** One comment, with what others feel about it. */

import { ActionIcon, Button, Group, Menu, Stack, Text, Tooltip } from "@mantine/core";
import { IconDots, IconPencil, IconTrash } from "@tabler/icons-react";
import { useState } from "react";

import { Problem } from "@/api/problems";
import type { CommentExpanded } from "@/api/schema";
import { useMe } from "@/api/session";
import { useOpenTask } from "@/features/tasks/panel/openTask";
import { MarkdownEditor } from "@/features/tasks/panel/text/MarkdownEditor";
import { SavedText } from "@/features/tasks/panel/text/SavedText";
import { useOfferBack } from "@/features/tasks/panel/undoable";
import { PersonAvatar, personName } from "@/features/tasks/pickers/choices";
import { showAgo, showInstant } from "@/format/dates";
import { texts } from "@/texts";
import { messageOf } from "@/ui/toasts";

import { useDeleteComment, useEditComment } from "./queries";
import { Reactions } from "./Reactions";

const words = texts.comments;

export function Comment({ comment }: { comment: CommentExpanded }) {
  const { members } = useOpenTask();
  const [isEditing, setEditing] = useState(false);
  const author = members.find(({ user }) => user.id === comment.created_by)?.user;
  const name = author === undefined ? texts.common.someone : personName(author);
  return (
    <article aria-label={words.by(name)}>
      <Group gap="xs" wrap="nowrap" align="flex-start">
        {author !== undefined && <PersonAvatar person={author} size={28} />}
        <Stack gap={4} flex={1} miw={0}>
          <Group gap="xs" justify="space-between" wrap="nowrap">
            <Group gap="xs">
              <Text size="sm" fw={600}>
                {name}
              </Text>
              <Tooltip label={showInstant(comment.created_at)}>
                <Text size="xs" c="dimmed" component="time" dateTime={comment.created_at}>
                  {showAgo(comment.created_at)}
                </Text>
              </Tooltip>
              {comment.edited_at !== null && (
                <Text size="xs" c="dimmed" title={showInstant(comment.edited_at)}>
                  {words.edited}
                </Text>
              )}
            </Group>
            <CommentMenu comment={comment} name={name} onEdit={() => setEditing(true)} />
          </Group>
          {isEditing ? (
            <EditComment comment={comment} onDone={() => setEditing(false)} />
          ) : (
            <SavedText html={comment.body_html} source={comment.body} />
          )}
          <Reactions comment={comment} />
        </Stack>
      </Group>
    </article>
  );
}

type MenuProps = { comment: CommentExpanded; name: string; onEdit: () => void };

function CommentMenu({ comment, name, onEdit }: MenuProps) {
  const { task, mayComment, mayManage } = useOpenTask();
  const isMine = useMe().id === comment.created_by && mayComment;
  const offerBack = useOfferBack(task.key, "comments", "comment.deleted");
  const remove = useDeleteComment(task.key, comment.id, () => {
    // A comment is made again by its author and nobody else.
    if (isMine) offerBack(words.deleted, comment.id);
  });
  if (!isMine && !mayManage) return null;
  return (
    <Menu position="bottom-end" withinPortal>
      <Menu.Target>
        <ActionIcon variant="subtle" color="gray" aria-label={words.menu(name)}>
          <IconDots size={16} aria-hidden />
        </ActionIcon>
      </Menu.Target>
      <Menu.Dropdown>
        {isMine && (
          <Menu.Item leftSection={<IconPencil size={14} aria-hidden />} onClick={onEdit}>
            {texts.common.edit}
          </Menu.Item>
        )}
        <Menu.Item leftSection={<IconTrash size={14} aria-hidden />} onClick={() => remove.mutate()}>
          {texts.common.delete}
        </Menu.Item>
      </Menu.Dropdown>
    </Menu>
  );
}

function EditComment({ comment, onDone }: { comment: CommentExpanded; onDone: () => void }) {
  const { task } = useOpenTask();
  // The text and the version as they were when the editing began: what others do meanwhile is no reason to lose it.
  const [begun] = useState(comment);
  const [text, setText] = useState(comment.body);
  const edit = useEditComment(task.key, comment.id);
  // Edited in another tab meanwhile: who saves again has been told, and means it.
  const isStale = edit.error instanceof Problem && edit.error.status === 412;
  const save = () => {
    if (text.trim() === "") return;
    if (text === begun.body) onDone();
    else edit.mutate({ body: text, version: isStale ? comment.version : begun.version }, { onSuccess: onDone });
  };
  return (
    <MarkdownEditor
      label={words.editText}
      value={text}
      onChange={setText}
      onSave={save}
      onCancel={text === begun.body ? onDone : undefined}
      autoFocus
      error={edit.error === null ? undefined : isStale ? words.changed(comment.body) : messageOf(edit.error)}
    >
      <Button size="compact-sm" loading={edit.isPending} onClick={save}>
        {texts.common.save}
      </Button>
      <Button size="compact-sm" variant="default" onClick={onDone}>
        {texts.common.cancel}
      </Button>
    </MarkdownEditor>
  );
}
