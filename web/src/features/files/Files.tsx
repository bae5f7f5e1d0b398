/** The files of a task, and what is on its way to be one. */

import { ActionIcon, Button, FileButton, Group, Progress, Stack, Text } from "@mantine/core";
import { IconPaperclip, IconX } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";

import { useOpenTask } from "@/features/tasks/panel/openTask";
import { attachmentsQuery } from "@/features/tasks/panel/parts";
import { Section, useSeen } from "@/features/tasks/panel/Section";
import listing from "@/features/tasks/panel/lists.module.css";
import { texts } from "@/texts";

import { FileRow } from "./FileRow";
import { useLeaving } from "./leaving";
import { useUploads } from "./uploading";

const words = texts.files;
// More of them would push the comments out of sight; a button in place of a single one saves nothing.
const MOST = 6;

export function Files() {
  const { task, mayComment } = useOpenTask();
  const [ref, seen] = useSeen();
  const leaving = useLeaving();
  const { send } = useUploads();
  const { data = [] } = useQuery({ ...attachmentsQuery(task.key), enabled: seen });
  const files = data.filter((file) => !leaving.has(file.id));
  const [isWhole, setWhole] = useState(false);
  const isFolded = !isWhole && files.length > MOST + 1;
  if (!mayComment && seen && files.length === 0) return null;
  return (
    <Section
      ref={ref}
      title={words.title}
      action={
        mayComment && (
          <FileButton multiple onChange={send}>
            {(props) => (
              <Button
                {...props}
                size="compact-sm"
                variant="subtle"
                leftSection={<IconPaperclip size={14} aria-hidden />}
              >
                {words.attach}
              </Button>
            )}
          </FileButton>
        )
      }
    >
      <ul className={listing.list}>
        {(isFolded ? files.slice(0, MOST) : files).map((file) => (
          <FileRow key={file.id} file={file} />
        ))}
      </ul>
      {isFolded && (
        <Button size="compact-sm" variant="subtle" onClick={() => setWhole(true)}>
          {words.showAll(files.length)}
        </Button>
      )}
      <UnderWay />
      {files.length === 0 && mayComment && (
        <Text size="sm" c="dimmed">
          {words.hint}
        </Text>
      )}
    </Section>
  );
}

function UnderWay() {
  const { uploads, again, forget } = useUploads();
  return (
    <Stack gap={4}>
      {uploads.map((upload) => (
        <div key={upload.id}>
          <Group gap="xs" justify="space-between" wrap="nowrap">
            <Text size="sm" truncate>
              {upload.file.name}
            </Text>
            {upload.fault !== null && (
              <Group gap={4} wrap="nowrap">
                <Button size="compact-xs" variant="default" onClick={() => again(upload)}>
                  {texts.common.retry}
                </Button>
                <ActionIcon
                  variant="subtle"
                  aria-label={words.forget(upload.file.name)}
                  onClick={() => forget(upload.id)}
                >
                  <IconX size={14} aria-hidden />
                </ActionIcon>
              </Group>
            )}
          </Group>
          {upload.fault === null ? (
            <Progress value={100 * upload.part} size="sm" aria-label={words.sending(upload.file.name)} />
          ) : (
            <Text role="alert" size="sm" c="var(--mantine-color-error)">
              {upload.fault}
            </Text>
          )}
        </div>
      ))}
    </Stack>
  );
}
