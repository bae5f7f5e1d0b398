/** A text that is changed where it stands: Enter or leaving it saves, Escape takes it back, a refusal stays beside it. */

import { Textarea, TextInput } from "@mantine/core";
import { type KeyboardEvent, useState } from "react";

import { useWrite } from "./useWrite";

export type InlineTextProps = {
  /** What a screen reader calls it. */
  label: string;
  value: string;
  onSave: (value: string) => Promise<unknown>;
  required?: boolean;
  multiline?: boolean;
  disabled?: boolean;
  placeholder?: string;
};

export function InlineText(props: InlineTextProps) {
  const { label, value, onSave, required = false, multiline = false, disabled = false, placeholder } = props;
  const [typed, setTyped] = useState<string | null>(null);
  const write = useWrite(onSave, { done: () => setTyped(null) });
  const save = () => {
    const next = (typed ?? value).trim();
    if (typed === null || next === value || (required && next === "")) setTyped(null);
    else write.send(next);
  };
  const input = {
    "aria-label": label,
    placeholder,
    disabled,
    variant: "filled" as const,
    value: typed ?? value,
    error: write.beside([]),
    onBlur: save,
    onKeyDown: (event: KeyboardEvent) => {
      if (event.key === "Enter" && (!multiline || event.ctrlKey || event.metaKey)) save();
      if (event.key === "Escape") {
        event.stopPropagation();
        setTyped(null);
        write.reset();
      }
    },
  };
  return multiline ? (
    <Textarea autosize minRows={1} maxRows={8} {...input} onChange={(event) => setTyped(event.currentTarget.value)} />
  ) : (
    <TextInput {...input} onChange={(event) => setTyped(event.currentTarget.value)} />
  );
}
