/** The field for a new comment. What is typed is kept until it is sent. */

import { Button } from "@mantine/core";

import { useOpenTask } from "@/features/tasks/panel/openTask";
import { useDraft } from "@/features/tasks/panel/text/drafts";
import { MarkdownEditor } from "@/features/tasks/panel/text/MarkdownEditor";
import { texts } from "@/texts";
import { remainder } from "@/ui/forms/remainder";
import { messageOf } from "@/ui/toasts";

import { useAddComment } from "./queries";

const words = texts.comments;

export function NewComment() {
  const { task } = useOpenTask();
  const { draft, write, discard, newest } = useDraft(task.id, "comment");
  const add = useAddComment(task.key);
  const text = draft?.text ?? "";
  const send = () => {
    if (text.trim() === "" || add.isPending) return;
    const sent = () => {
      const rest = remainder(newest()?.text ?? "", text.trim());
      if (rest === "") discard();
      else write({ text: rest, base: "", version: 0 });
    };
    // Also where the task is closed meanwhile: its draft would be there again, and sent twice. A refusal is shown below.
    add.mutateAsync(text.trim()).then(sent, () => undefined);
  };
  return (
    <MarkdownEditor
      label={words.write}
      placeholder={words.hint}
      minRows={2}
      value={text}
      onChange={(typed) => (typed === "" ? discard() : write({ text: typed, base: "", version: 0 }))}
      onSave={send}
      error={add.error === null ? undefined : messageOf(add.error)}
    >
      <Button size="compact-sm" loading={add.isPending} disabled={text.trim() === ""} onClick={send}>
        {words.send}
      </Button>
    </MarkdownEditor>
  );
}
