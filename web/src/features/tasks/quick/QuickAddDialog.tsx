/** The dialog for a new task: one line that says everything, shown as it is understood. */

import { Alert, Button, Checkbox, Group, Modal, NativeSelect, Stack, Text, Textarea, TextInput } from "@mantine/core";
import { useDebouncedValue } from "@mantine/hooks";
import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { type SubmitEvent, useEffect, useRef, useState } from "react";

import { Problem } from "@/api/problems";
import { may, useProjects } from "@/features/projects/queries";
import { texts } from "@/texts";
import { messageOf } from "@/ui/toasts";

import { keepDraft, lastProject, readDraft } from "./drafts";
import { closeQuickAdd, type Wish } from "./opening";
import { previewQuery } from "./queries";
import { Understood } from "./Understood";
import { useQuickCreate } from "./useQuickCreate";

const words = texts.quick;
const TYPING_MS = 200;

export default function QuickAddDialog({ wish }: { wish: Wish }) {
  useFocusBack();
  return (
    <Modal opened onClose={closeQuickAdd} title={texts.shell.newTask} size="lg">
      <QuickAddForm wish={wish} />
    </Modal>
  );
}

/** The dialog is open from its first drawing to its last: that it closes, the library never sees. */
function useFocusBack(): void {
  const [before] = useState(() => document.activeElement);
  useEffect(
    () => () => {
      setTimeout(() => {
        if (document.activeElement === document.body && before instanceof HTMLElement) before.focus();
      });
    },
    [before],
  );
}

function QuickAddForm({ wish }: { wish: Wish }) {
  const projects = useProjects().filter((project) => may(project, "editor"));
  // What was typed elsewhere does not replace what was begun here: that is there again the next time.
  const place = wish.text === undefined ? undefined : "palette";
  const [draft, setDraft] = useState(() =>
    wish.text === undefined ? readDraft() : { text: wish.text, description: "" },
  );
  const [project, setProject] = useState(
    () =>
      [wish.project, lastProject()].find((key) => projects.some((one) => one.key === key)) ?? projects[0]?.key ?? "",
  );
  const [isDescribed, setDescribed] = useState(draft.description !== "");
  const [isMore, setMore] = useState(false);
  const field = useRef<HTMLInputElement>(null);
  const text = draft.text.trim();
  const [settled] = useDebouncedValue(text, TYPING_MS);
  const preview = useQuery({
    ...previewQuery(project, settled),
    enabled: settled !== "" && project !== "",
    placeholderData: keepPreviousData,
  });
  const change = (next: typeof draft) => {
    setDraft(next);
    keepDraft(next, place);
  };
  const create = useQuickCreate(() => {
    change({ text: "", description: "" });
    setDescribed(false);
    if (isMore) field.current?.focus();
    else closeQuickAdd();
  });
  const failed = create.error ?? (settled === "" ? null : preview.error);
  const fault = failed instanceof Problem ? failed.about("text") : undefined;

  // Those of the column belong to its project alone.
  const fieldsIn = (key: string) => (key === wish.project ? wish.fields : undefined);
  const submit = (event: SubmitEvent) => {
    event.preventDefault();
    if (text !== "" && !create.isPending)
      create.mutate({ text, project, description: draft.description.trim(), fields: fieldsIn(project) });
  };

  if (projects.length === 0) return <Text>{words.noProject}</Text>;
  return (
    <form onSubmit={submit}>
      <Stack gap="sm">
        {failed !== null && fault === undefined && (
          <Alert color="red" role="alert">
            {messageOf(failed)}
          </Alert>
        )}
        <TextInput
          ref={field}
          label={words.title}
          description={words.hint}
          maxLength={1000}
          autoComplete="off"
          value={draft.text}
          onChange={(event) => change({ ...draft, text: event.currentTarget.value })}
          error={fault}
          data-autofocus
        />
        <Understood
          text={settled}
          understood={settled === "" ? undefined : preview.data?.understood}
          project={project}
        />
        {isDescribed ? (
          <Textarea
            label={words.description}
            autosize
            minRows={3}
            maxRows={12}
            value={draft.description}
            onChange={(event) => change({ ...draft, description: event.currentTarget.value })}
            autoFocus={draft.description === ""}
          />
        ) : (
          <Button variant="subtle" size="compact-sm" w="max-content" onClick={() => setDescribed(true)}>
            {words.describe}
          </Button>
        )}
        <NativeSelect
          label={words.project}
          data={projects.map(({ key, name }) => ({ value: key, label: `${name} (${key})` }))}
          value={project}
          onChange={(event) => setProject(event.currentTarget.value)}
        />
        <Group justify="space-between">
          <Checkbox label={words.another} checked={isMore} onChange={(event) => setMore(event.currentTarget.checked)} />
          <Button type="submit" loading={create.isPending} disabled={text === ""}>
            {words.create}
          </Button>
        </Group>
      </Stack>
    </form>
  );
}
