/** A table that a phone has no room for: it scrolls by itself, also for who has no pointer. */

import { Table } from "@mantine/core";
import type { ReactNode } from "react";

type Props = { label: string; minWidth: number; children: ReactNode };

export function WideTable({ label, minWidth, children }: Props) {
  return (
    <Table.ScrollContainer minWidth={minWidth} type="native" role="group" aria-label={label} tabIndex={0}>
      <Table aria-label={label}>{children}</Table>
    </Table.ScrollContainer>
  );
}
