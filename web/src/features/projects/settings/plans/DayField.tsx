/** A day that is kept once it is whole: while one types, a field of days has none. */

import { TextInput } from "@mantine/core";
import { useState } from "react";

import { useWrite } from "@/ui/forms/useWrite";

type Props = {
  label: string;
  value: string | null;
  required?: boolean;
  onSave: (day: string | null) => Promise<unknown>;
};

export function DayField({ label, value, required = false, onSave }: Props) {
  const [typed, setTyped] = useState<string | null>(null);
  const write = useWrite(onSave, { done: () => setTyped(null) });
  const save = () => {
    if (typed === null || typed === (value ?? "") || (required && typed === "")) setTyped(null);
    else write.send(typed === "" ? null : typed);
  };
  return (
    <TextInput
      type="date"
      variant="filled"
      aria-label={label}
      value={typed ?? value ?? ""}
      onChange={(event) => setTyped(event.currentTarget.value)}
      onBlur={save}
      error={write.beside([])}
    />
  );
}
