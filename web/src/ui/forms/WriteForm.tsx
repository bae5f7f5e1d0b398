/** A form with one button, and above its fields what is wrong with none of them alone. */

import { Alert, Button, Group, Stack } from "@mantine/core";
import type { ReactNode, SubmitEvent } from "react";

import type { Writing } from "./useWrite";

export type WriteFormProps = {
  write: Writing;
  /** The fields that show their own faults. */
  fields?: readonly string[];
  button: string;
  disabled?: boolean;
  onSubmit: () => void;
  children?: ReactNode;
  /** What stands beside the button. */
  beside?: ReactNode;
  label?: string;
  danger?: boolean;
  full?: boolean;
};

export function WriteForm(props: WriteFormProps) {
  const { write, fields = [], button, disabled = false, onSubmit, children, beside, label } = props;
  const { danger = false, full = false } = props;
  const wrong = write.beside(fields);
  const submit = (event: SubmitEvent) => {
    event.preventDefault();
    onSubmit();
  };
  return (
    <form onSubmit={submit} aria-label={label}>
      <Stack gap="sm">
        {wrong !== undefined && (
          <Alert color="red" role="alert">
            {wrong}
          </Alert>
        )}
        {children}
        <Group>
          <Button
            type="submit"
            loading={write.isPending}
            disabled={disabled}
            color={danger ? "red" : undefined}
            fullWidth={full}
          >
            {button}
          </Button>
          {beside}
        </Group>
      </Stack>
    </form>
  );
}
