/** A line at the end of a column, shown as it is understood: Enter makes a card of it and stays for the next one. */

import { Stack, Textarea } from "@mantine/core";
import { useDebouncedValue } from "@mantine/hooks";
import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { type KeyboardEvent, useRef, useState } from "react";

import { Problem } from "@/api/problems";
import { texts } from "@/texts";
import { remainder } from "@/ui/forms/remainder";
import { say } from "@/ui/Spoken";
import { messageOf } from "@/ui/toasts";

import { useCreateFromLine } from "../quick/creating";
import { keepDraft, readDraft } from "../quick/drafts";
import { previewQuery } from "../quick/queries";
import { Understood } from "../quick/Understood";
import classes from "./Board.module.css";
import { type Column, fieldsOfNew } from "./columns";

const words = texts.board;
const TYPING_MS = 200;

type Props = { project: string; column: Column; onClose: (isByKey: boolean) => void };

export default function NewCard({ project, column, onClose }: Props) {
  const place = `${project}.${column.key}`;
  const [typed, setTyped] = useState(() => readDraft(place).text);
  const field = useRef<HTMLTextAreaElement>(null);
  const text = typed.trim();
  const [settled] = useDebouncedValue(text, TYPING_MS);
  const preview = useQuery({
    ...previewQuery(project, settled),
    enabled: settled !== "",
    placeholderData: keepPreviousData,
  });
  const change = (next: string) => {
    setTyped(next);
    keepDraft({ text: next, description: "" }, place);
  };
  const create = useCreateFromLine((task, sent) => {
    say(texts.tasks.created(task.key));
    change(remainder(field.current?.value ?? "", sent));
  });
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.key === "Escape") {
      event.stopPropagation();
      onClose(true);
    }
    if (event.key !== "Enter" || event.shiftKey || event.nativeEvent.isComposing) return;
    event.preventDefault();
    if (text !== "" && !create.isPending) {
      create.mutate({ text, project, fields: fieldsOfNew(column) });
    }
  };
  const refused = create.error ?? (settled === text && text !== "" ? preview.error : null);
  return (
    <Stack className={classes.add} gap={6}>
      <Textarea
        ref={field}
        aria-label={words.addTitle(column.name)}
        placeholder={words.addHint}
        autosize
        minRows={2}
        maxLength={1000}
        value={typed}
        onChange={(event) => {
          // The service reads one line.
          change(event.currentTarget.value.replaceAll("\n", " "));
          if (create.isError) create.reset();
        }}
        onKeyDown={onKeyDown}
        onBlur={() => {
          if (text === "") onClose(false);
        }}
        error={refused === null ? undefined : faultOf(refused)}
        autoFocus
      />
      {text !== "" && (
        <Understood
          text={settled}
          understood={settled === "" ? undefined : preview.data?.understood}
          project={project}
        />
      )}
    </Stack>
  );
}

function faultOf(error: Error): string {
  return (error instanceof Problem ? error.about("text") : undefined) ?? messageOf(error);
}
