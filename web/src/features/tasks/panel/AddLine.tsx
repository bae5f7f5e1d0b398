/** A field at the end of a list, in which Enter adds one more. */

import { TextInput } from "@mantine/core";
import { type SubmitEvent, useState } from "react";

type Props = { label: string; maxLength?: number; onAdd: (text: string) => Promise<unknown> };

export function AddLine({ label, maxLength = 500, onAdd }: Props) {
  const [text, setText] = useState("");
  const submit = (event: SubmitEvent) => {
    event.preventDefault();
    const line = text.trim();
    if (line === "") return;
    setText("");
    // What was refused is there again, unless something else has been typed.
    onAdd(line).catch(() => setText((now) => (now === "" ? line : now)));
  };
  return (
    <form onSubmit={submit}>
      <TextInput
        aria-label={label}
        placeholder={label}
        size="xs"
        variant="filled"
        maxLength={maxLength}
        value={text}
        onChange={(event) => setText(event.currentTarget.value)}
      />
    </form>
  );
}
