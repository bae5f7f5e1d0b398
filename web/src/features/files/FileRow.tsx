/** One file: what it looks like, what it is called, and what can be done with it. */

import { ActionIcon, Menu, Text, TextInput, UnstyledButton } from "@mantine/core";
import { IconDots, IconDownload, IconPencil, IconTrash } from "@tabler/icons-react";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { type KeyboardEvent, useState } from "react";

import { answer, api } from "@/api/client";
import { useMe } from "@/api/session";
import type { AttachmentRead } from "@/api/schema";
import { useOpenTask } from "@/features/tasks/panel/openTask";
import { personName } from "@/features/tasks/pickers/choices";
import listing from "@/features/tasks/panel/lists.module.css";
import { showAgo, showBytes } from "@/format/dates";
import { texts } from "@/texts";
import { tellProblem, tellUndoable } from "@/ui/toasts";

import { download, isPicture } from "./contents";
import { leave, stay } from "./leaving";
import { Picture } from "./Picture";
import { Thumbnail } from "./Thumbnail";

const words = texts.files;

export function FileRow({ file }: { file: AttachmentRead }) {
  const { task, members, mayComment, mayManage } = useOpenTask();
  const client = useQueryClient();
  const me = useMe();
  const [isShown, setShown] = useState(false);
  const [typed, setTyped] = useState<string | null>(null);
  const [isRenaming, setRenaming] = useState(false);
  const author = members.find(({ user }) => user.id === file.created_by)?.user;
  const mayChange = (mayComment && file.created_by === me.id) || mayManage;
  const settle = () => client.invalidateQueries({ queryKey: ["task", task.key, "attachments"] });
  const rename = useMutation({
    mutationFn: (name: string) =>
      answer(
        api.PATCH("/api/v1/attachments/{attachment_id}", {
          params: { path: { attachment_id: file.id } },
          body: { name },
        }),
      ),
    onSettled: settle,
  });
  const saveName = () => {
    const name = typed?.trim() ?? "";
    setTyped(null);
    if (name !== "" && name !== file.name) rename.mutate(name);
  };
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.key === "Enter") saveName();
    if (event.key === "Escape") {
      event.preventDefault();
      event.stopPropagation();
      setTyped(null);
    }
  };
  const save = () => void download(file).catch(tellProblem);
  const remove = () => {
    leave(file.id, settle, tellProblem);
    tellUndoable(words.deleted(file.name), () => {
      stay(file.id);
      return Promise.resolve();
    });
  };
  return (
    <li className={listing.row}>
      <Thumbnail file={file} />
      <div className={listing.grow}>
        {typed === null ? (
          <UnstyledButton onClick={isPicture(file) ? () => setShown(true) : save}>
            <Text size="sm">{rename.isPending ? rename.variables : file.name}</Text>
          </UnstyledButton>
        ) : (
          <TextInput
            aria-label={words.nameOf(file.name)}
            size="xs"
            autoFocus
            value={typed}
            onChange={(event) => setTyped(event.currentTarget.value)}
            onBlur={saveName}
            onKeyDown={onKeyDown}
          />
        )}
        <Text size="xs" c="dimmed">
          {words.facts(
            showBytes(file.size),
            author === undefined ? texts.common.someone : personName(author),
            showAgo(file.created_at),
          )}
        </Text>
      </div>
      <Menu
        position="bottom-end"
        withinPortal
        // The menu gives the focus back when it has gone; the field takes it after that.
        onExitTransitionEnd={() => {
          if (isRenaming) setTyped(file.name);
          setRenaming(false);
        }}
      >
        <Menu.Target>
          <ActionIcon variant="subtle" color="gray" aria-label={words.menu(file.name)}>
            <IconDots size={16} aria-hidden />
          </ActionIcon>
        </Menu.Target>
        <Menu.Dropdown>
          <Menu.Item leftSection={<IconDownload size={14} aria-hidden />} onClick={save}>
            {words.download}
          </Menu.Item>
          {mayChange && (
            <>
              <Menu.Item leftSection={<IconPencil size={14} aria-hidden />} onClick={() => setRenaming(true)}>
                {words.rename}
              </Menu.Item>
              <Menu.Item leftSection={<IconTrash size={14} aria-hidden />} onClick={remove}>
                {texts.common.delete}
              </Menu.Item>
            </>
          )}
        </Menu.Dropdown>
      </Menu>
      <Picture file={file} opened={isShown} onClose={() => setShown(false)} />
    </li>
  );
}
