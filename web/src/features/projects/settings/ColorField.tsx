/** A colour, kept when the choice is over: while somebody looks for one, browsers tell of each on the way. */

import { TextInput } from "@mantine/core";
import { useState } from "react";

type Props = { label: string; value: string; onSave: (value: string) => void };

export function ColorField({ label, value, onSave }: Props) {
  const [chosen, setChosen] = useState<string | null>(null);
  const save = () => {
    if (chosen !== null && chosen !== value) onSave(chosen);
    setChosen(null);
  };
  return (
    <TextInput
      type="color"
      w={56}
      aria-label={label}
      value={chosen ?? value}
      onChange={(event) => setChosen(event.currentTarget.value)}
      onBlur={save}
    />
  );
}
