/** The files on a task of a shared project, asked for when somebody wants to see them. */

import { Anchor, Button, List, Text } from "@mantine/core";
import { useDisclosure } from "@mantine/hooks";
import { useQuery } from "@tanstack/react-query";

import type { TaskRead } from "@/api/schema";
import { showBytes } from "@/format/dates";
import { texts } from "@/texts";
import { messageOf, tellProblem } from "@/ui/toasts";

import { downloadShared, type Opened, sharedFilesQuery } from "./queries";

const words = texts.sharedPage;

export function SharedFiles({ opened, task }: { opened: Opened; task: TaskRead }) {
  const [isOpen, { toggle }] = useDisclosure();
  const { data: files, error } = useQuery({ ...sharedFilesQuery(opened, task.id), enabled: isOpen });
  return (
    <>
      <Button
        size="compact-sm"
        variant="default"
        aria-label={words.filesOf(task.key)}
        aria-expanded={isOpen}
        onClick={toggle}
      >
        {words.files}
      </Button>
      {isOpen && error !== null && <Text role="alert">{messageOf(error)}</Text>}
      {isOpen && files?.length === 0 && <Text size="sm">{words.noFiles}</Text>}
      {isOpen && files !== undefined && files.length > 0 && (
        <List listStyleType="none" aria-label={words.filesOf(task.key)}>
          {files.map((file) => (
            <List.Item key={file.id}>
              <Anchor
                component="button"
                type="button"
                size="sm"
                underline="always"
                onClick={() => void downloadShared(opened, file).catch(tellProblem)}
              >
                {file.name}
              </Anchor>{" "}
              <Text span size="sm" c="dimmed">
                {showBytes(file.size)}
              </Text>
            </List.Item>
          ))}
        </List>
      )}
    </>
  );
}
