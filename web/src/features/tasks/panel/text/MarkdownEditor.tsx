/** A field for Markdown, with its preview, and people to name after an @. */

import { Button, Group, Paper, Skeleton, Stack, Textarea } from "@mantine/core";
import { type KeyboardEvent, lazy, type ReactNode, Suspense, useRef, useState } from "react";

import { texts } from "@/texts";

import { useOpenTask } from "../openTask";
import { MentionChoices } from "./MentionChoices";
import { useMentions } from "./mentions";

const Markdown = lazy(() => import("./Markdown"));

type Props = {
  label: string;
  value: string;
  onChange: (text: string) => void;
  /** Ctrl-Enter. */
  onSave: () => void;
  onCancel?: () => void;
  error?: ReactNode;
  minRows?: number;
  autoFocus?: boolean;
  placeholder?: string;
  /** What stands at the right of the preview: the buttons that save. */
  children?: ReactNode;
};

export function MarkdownEditor(props: Props) {
  const { label, value, onChange, onSave, onCancel, error, minRows = 3, autoFocus = false } = props;
  const { members } = useOpenTask();
  const [isPreview, setPreview] = useState(false);
  const field = useRef<HTMLTextAreaElement>(null);
  const mentions = useMentions({ field, members, value, onChange });

  const onKeyDown = (event: KeyboardEvent<HTMLTextAreaElement>) => {
    if (event.nativeEvent.isComposing || mentions.onKeyDown(event)) return;
    if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) {
      event.preventDefault();
      onSave();
    } else if (event.key === "Escape" && onCancel !== undefined) {
      event.preventDefault();
      event.stopPropagation();
      onCancel();
    }
  };

  return (
    <Stack gap={6}>
      {isPreview ? (
        <Paper withBorder p="sm" mih={80} role="region" aria-label={texts.task.previewOf(label)}>
          <Suspense fallback={<Skeleton h={40} />}>
            <Markdown source={value} />
          </Suspense>
        </Paper>
      ) : (
        <Textarea
          ref={field}
          aria-label={label}
          placeholder={props.placeholder}
          autosize
          minRows={minRows}
          maxRows={24}
          autoFocus={autoFocus}
          value={value}
          error={error}
          onChange={(event) => {
            onChange(event.currentTarget.value);
            mentions.look(event.currentTarget);
          }}
          onKeyDown={onKeyDown}
          onBlur={mentions.close}
          {...mentions.aria}
        />
      )}
      <MentionChoices mentions={mentions} />
      <Group gap="xs">
        {props.children}
        <Button
          size="compact-sm"
          variant="subtle"
          aria-pressed={isPreview}
          disabled={value.trim() === ""}
          onClick={() => setPreview(!isPreview)}
        >
          {isPreview ? texts.task.write : texts.task.preview}
        </Button>
      </Group>
    </Stack>
  );
}
