/** The password of now, as proof of who asks. */

import { PasswordField } from "@/ui/forms/PasswordField";

type Props = {
  label: string;
  value: string;
  onChange: (password: string) => void;
  /** Why it is refused. */
  error: string | undefined;
};

export function CurrentPassword({ label, value, onChange, error }: Props) {
  return (
    <PasswordField
      maw={420}
      label={label}
      required
      autoComplete="current-password"
      value={value}
      onChange={(event) => onChange(event.currentTarget.value)}
      error={error}
    />
  );
}
