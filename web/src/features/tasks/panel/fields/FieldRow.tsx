/** One field of a task: its name, and what it is. */

import { Text } from "@mantine/core";
import type { ReactNode } from "react";

import classes from "./FieldRow.module.css";

export function FieldRow({ label, children }: { label: string; children: ReactNode }) {
  return (
    <div className={classes.row}>
      <Text size="sm" c="dimmed" component="dt">
        {label}
      </Text>
      <dd className={classes.value}>{children}</dd>
    </div>
  );
}
