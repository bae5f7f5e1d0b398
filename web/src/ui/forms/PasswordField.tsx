/** A field for a password that also tells screen readers when it is refused, which the library's own does not. */

import { PasswordInput, type PasswordInputProps } from "@mantine/core";

export function PasswordField(props: PasswordInputProps) {
  const isRefused = props.error !== undefined && props.error !== null && props.error !== false;
  return <PasswordInput aria-invalid={isRefused} {...props} />;
}
