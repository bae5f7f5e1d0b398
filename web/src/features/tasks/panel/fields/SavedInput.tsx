/** A field that is saved when it is left, or with Enter; Esc puts back what was there. */

import { Text, TextInput } from "@mantine/core";
import { type KeyboardEvent, useState } from "react";

import { texts } from "@/texts";
import { messageOf } from "@/ui/toasts";

import classes from "./SavedInput.module.css";

type Props = {
  label: string;
  value: string;
  /** What it refuses is there again, beside the reason. */
  onSave: (text: string) => Promise<unknown>;
  inputMode?: "text" | "decimal" | "url";
  suffix?: string;
  /** Why it cannot be saved as it is. */
  fault?: (text: string) => string | undefined;
};

export function SavedInput({ label, value, onSave, inputMode = "text", suffix, fault }: Props) {
  // What others change meanwhile does not replace what is being typed.
  const [typed, setTyped] = useState<string | null>(null);
  const [refusal, setRefusal] = useState<string | null>(null);
  const wrong = (typed === null ? undefined : fault?.(typed.trim())) ?? refusal;
  const save = () => {
    if (typed === null || wrong !== null) return;
    setTyped(null);
    if (typed.trim() === value) return;
    onSave(typed.trim()).catch((error: unknown) => {
      setTyped((now) => now ?? typed);
      setRefusal(messageOf(error));
    });
  };
  const onKeyDown = (event: KeyboardEvent<HTMLInputElement>) => {
    if (event.nativeEvent.isComposing) return;
    if (event.key === "Enter") save();
    if (event.key === "Escape" && typed !== null) {
      event.preventDefault();
      event.stopPropagation();
      setTyped(null);
      setRefusal(null);
    }
  };
  return (
    <TextInput
      aria-label={label}
      size="xs"
      maw={suffix === undefined ? undefined : 120}
      classNames={{ root: classes.root, input: classes.input }}
      placeholder={texts.common.none}
      inputMode={inputMode}
      value={typed ?? value}
      error={wrong}
      rightSection={
        suffix === undefined ? undefined : (
          <Text span size="xs" aria-hidden>
            {suffix}
          </Text>
        )
      }
      rightSectionWidth={suffix === undefined ? undefined : 60}
      onChange={(event) => {
        setTyped(event.currentTarget.value);
        setRefusal(null);
      }}
      onBlur={save}
      onKeyDown={onKeyDown}
    />
  );
}
