/** A box that shows its tick at once and keeps it until the service has answered. */

import { Checkbox, type MantineSize } from "@mantine/core";
import { useState } from "react";

type Props = {
  /** Stands beside the box; without it `name` says what is ticked. */
  label?: string;
  name?: string;
  checked: boolean;
  disabled?: boolean;
  className?: string;
  size?: MantineSize;
  onTick: (checked: boolean) => Promise<unknown>;
};

export function TickBox({ label, name, checked, disabled, className, size, onTick }: Props) {
  const [wanted, setWanted] = useState<boolean | null>(null);
  const tick = (next: boolean) => {
    setWanted(next);
    const settle = () => setWanted(null);
    // What was refused is told by a toast.
    onTick(next).then(settle, settle);
  };
  return (
    <Checkbox
      className={className}
      size={size}
      label={label}
      aria-label={name}
      checked={wanted ?? checked}
      disabled={disabled}
      onChange={(event) => tick(event.currentTarget.checked)}
    />
  );
}
