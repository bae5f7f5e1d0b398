/** What something new or changed shall be called. */

import { TextInput, type TextInputProps } from "@mantine/core";

import { texts } from "@/texts";
import type { Writing } from "@/ui/forms/useWrite";

type NameFieldProps = Pick<TextInputProps, "flex" | "maw"> & {
  value: string;
  onChange: (typed: string) => void;
  write: Writing;
};

export function NameField({ onChange, write, ...rest }: NameFieldProps) {
  return (
    <TextInput
      label={texts.projects.name}
      required
      onChange={(event) => onChange(event.currentTarget.value)}
      error={write.about("name")}
      {...rest}
    />
  );
}
