/** The description, to read and to write. What is typed is kept as a draft until it is saved or thrown away. */

import { Alert, Button, Group, Stack, Text } from "@mantine/core";
import { IconPencil } from "@tabler/icons-react";
import { useState } from "react";

import { texts } from "@/texts";
import { messageOf } from "@/ui/toasts";

import { useOpenTask } from "../openTask";
import { Section } from "../Section";
import { ConflictChoice } from "./ConflictChoice";
import { type Draft, useDraft } from "./drafts";
import { MarkdownEditor } from "./MarkdownEditor";
import { SavedText } from "./SavedText";
import { Conflict, useWriteText } from "./writing";

const words = texts.task;
// A refusal is shown where it is written.
const nothing = () => undefined;

export function Description() {
  const { task, mayWrite } = useOpenTask();
  const { draft, write, discard, newest } = useDraft(task.id, "description");
  const [isOpen, setOpen] = useState(draft !== null);
  const saving = useWriteText();
  const saved = task.description ?? "";
  const begin = () => {
    write(draft ?? { text: saved, base: saved, version: task.version });
    setOpen(true);
  };
  const leave = () => {
    discard();
    setOpen(false);
    saving.reset();
  };
  const save = (from: Draft) => {
    if (from.text === from.base) leave();
    else
      saving.mutateAsync({ task, field: "description", ...from }).then(({ version }) => settle(from, version), nothing);
  };
  /** What was typed while it was saved is not saved yet. */
  const settle = (from: Draft, version: number) => {
    const typed = newest();
    if (typed === null || typed.text === from.text) leave();
    else write({ text: typed.text, base: from.text, version });
  };
  const isWriting = mayWrite && isOpen && draft !== null;
  return (
    <Section
      title={words.description}
      isNamed={false}
      action={
        mayWrite && !isWriting ? (
          <Button size="compact-sm" variant="subtle" leftSection={<IconPencil size={14} aria-hidden />} onClick={begin}>
            {saved === "" ? words.addDescription : words.editDescription}
          </Button>
        ) : undefined
      }
    >
      {isWriting ? (
        <Stack gap="xs">
          <MarkdownEditor
            label={words.description}
            value={draft.text}
            minRows={6}
            autoFocus
            onChange={(text) => write({ ...draft, text })}
            onSave={() => save(draft)}
            // Esc closes; the text is kept and there again with the next Edit.
            onCancel={() => (draft.text === draft.base ? leave() : setOpen(false))}
            error={saving.error !== null && !(saving.error instanceof Conflict) ? messageOf(saving.error) : undefined}
          >
            <Button size="compact-sm" loading={saving.isPending} onClick={() => save(draft)}>
              {texts.common.save}
            </Button>
            <Button size="compact-sm" variant="default" onClick={leave}>
              {words.discard}
            </Button>
          </MarkdownEditor>
          {saving.error instanceof Conflict && (
            <Settling conflict={saving.error} draft={draft} onKeepMine={save} onTakeTheirs={leave} />
          )}
        </Stack>
      ) : (
        <>
          {draft !== null && mayWrite && (
            <Alert p="xs" mb="xs">
              <Group justify="space-between">
                <Text size="sm">{words.draftKept}</Text>
                <Button size="compact-sm" onClick={() => setOpen(true)}>
                  {words.goOnWriting}
                </Button>
              </Group>
            </Alert>
          )}
          {saved === "" ? (
            <Text size="sm" c="dimmed">
              {words.noDescription}
            </Text>
          ) : (
            <SavedText html={task.description_html} source={saved} />
          )}
        </>
      )}
    </Section>
  );
}

type SettlingProps = {
  conflict: Conflict;
  draft: Draft;
  onKeepMine: (draft: Draft) => void;
  onTakeTheirs: () => void;
};

function Settling({ conflict, draft, onKeepMine, onTakeTheirs }: SettlingProps) {
  return (
    <ConflictChoice
      // What was typed since the refusal is mine, too.
      conflict={new Conflict(draft.text, conflict.theirs, conflict.version)}
      onKeepMine={() => onKeepMine({ text: draft.text, base: conflict.theirs, version: conflict.version })}
      onTakeTheirs={onTakeTheirs}
    />
  );
}
