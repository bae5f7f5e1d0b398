/** The numbers behind a drawing, for who wants them exactly and for who cannot see it. */

import { Table } from "@mantine/core";
import type { ReactNode } from "react";

import { texts } from "@/texts";

type Row = { key: string; cells: ReactNode[] };
type Props = { label: string; headings: string[]; rows: Row[]; folded?: boolean };

export function Numbers({ label, headings, rows, folded = true }: Props) {
  const table = (
    <Table.ScrollContainer minWidth={Math.max(320, headings.length * 110)}>
      <Table striped aria-label={label} fz="sm">
        <Table.Thead>
          <Table.Tr>
            {headings.map((heading) => (
              <Table.Th key={heading} scope="col">
                {heading}
              </Table.Th>
            ))}
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {rows.map((row) => (
            <Table.Tr key={row.key}>
              {row.cells.map((cell, index) => (
                <Table.Td key={index}>{cell}</Table.Td>
              ))}
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
    </Table.ScrollContainer>
  );
  if (!folded) return table;
  return (
    <details>
      <summary>{texts.analytics.table}</summary>
      {table}
    </details>
  );
}
