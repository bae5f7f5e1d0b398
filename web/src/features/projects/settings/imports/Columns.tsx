/** The first rows of a file, and above each column which field of a task it is. */

import { NativeSelect, Table, Text } from "@mantine/core";

import type { ImportPreview, ProjectRead } from "@/api/schema";
import { texts } from "@/texts";

import { useProjectParts } from "../../queries";
import type { Mapping } from "./sending";

const words = texts.imports;
const SHOWN = 8;
/** What a choice says besides the fields: left out, or a field that is made for it. */
const OUT = "";
const OWN = "own";

type Props = {
  project: ProjectRead;
  preview: ImportPreview;
  mapping: Mapping;
  /** Whether columns that nobody knows become fields. */
  unknownAsFields: boolean;
  onChange: (mapping: Mapping) => void;
};

export function Columns({ project, preview, mapping, unknownAsFields, onChange }: Props) {
  const { fields } = useProjectParts(project.key);
  const choicesOf = (column: string) => [
    { value: OUT, label: words.ignored },
    // A column that is known by its name would be taken for that, and not for a field of its own.
    ...(unknownAsFields && preview.mapping[column] === undefined ? [{ value: OWN, label: words.ownField }] : []),
    ...Object.entries(words.fields).map(([value, label]) => ({ value, label })),
    ...fields.map((field) => ({ value: `fields.${field.key}`, label: field.name })),
  ];
  const chosen = (column: string) => mapping[column] ?? (mapping[column] === undefined && unknownAsFields ? OWN : OUT);
  const choose = (column: string, choice: string) => {
    const others = Object.entries(mapping).filter(([name]) => name !== column);
    const field = choice === OUT ? null : choice;
    onChange(Object.fromEntries(choice === OWN ? others : [...others, [column, field]]));
  };
  return (
    <Table.ScrollContainer minWidth={preview.columns.length * 150} type="native">
      <Table withTableBorder withColumnBorders captionSide="top">
        <Table.Caption>{preview.format === "csv" ? words.mappingText : words.rowsText}</Table.Caption>
        <Table.Thead>
          <Table.Tr>
            {preview.columns.map((column) => (
              <Table.Th key={column} miw={140}>
                <Text size="sm" fw={600}>
                  {column}
                </Text>
                {preview.format === "csv" && (
                  <NativeSelect
                    size="xs"
                    aria-label={words.columnOf(column)}
                    data={choicesOf(column)}
                    value={chosen(column)}
                    onChange={(event) => choose(column, event.currentTarget.value)}
                  />
                )}
              </Table.Th>
            ))}
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {preview.rows.slice(0, SHOWN).map((row, line) => (
            <Table.Tr key={line}>
              {preview.columns.map((column, place) => (
                <Table.Td key={column}>
                  <Text size="sm" lineClamp={3} style={{ overflowWrap: "anywhere" }}>
                    {row[place]}
                  </Text>
                </Table.Td>
              ))}
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
    </Table.ScrollContainer>
  );
}
