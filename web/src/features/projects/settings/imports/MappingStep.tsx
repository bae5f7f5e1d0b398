/** The second step: what the columns are. From here the file is tried, and brought in. */

import { Button, Checkbox, Group, NativeSelect, Stack, Text } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";

import type { ImportPreview, ImportRead, ProjectRead } from "@/api/schema";
import { texts } from "@/texts";
import { useWrite } from "@/ui/forms/useWrite";
import { WriteForm } from "@/ui/forms/WriteForm";

import { Columns } from "./Columns";
import { ImportProgress } from "./ImportProgress";
import { beginImport, importQuery, type ImportWish, isOver, type Mapping } from "./sending";

const words = texts.imports;
const DATE_ORDERS = Object.entries(words.dateOrders).map(([value, label]) => ({ value, label }));

type Props = { project: ProjectRead; wish: ImportWish; preview: ImportPreview; onAgain: () => void };

export function MappingStep({ project, wish: first, preview, onAgain }: Props) {
  const [mapping, setMapping] = useState<Mapping>(preview.mapping);
  const [unknownAsFields, setUnknownAsFields] = useState(false);
  const [dateOrder, setDateOrder] = useState("");
  // What is shown as left out is said to be, so that the service does not tell of it as a problem.
  const leftOut: Mapping =
    preview.format === "csv" && !unknownAsFields
      ? Object.fromEntries(preview.columns.map((column) => [column, null] as const))
      : {};
  const wish = {
    ...first,
    mapping: { ...leftOut, ...mapping },
    unknownAsFields,
    dateOrder,
  };
  // The trial or the import, whichever was begun last.
  const [started, setStarted] = useState<string | null>(null);
  const { data: last } = useQuery({ ...importQuery(started ?? ""), enabled: started !== null });
  // A project takes one at a time.
  const isUnderWay = started !== null && (last === undefined || !isOver(last));
  const after = {
    stale: [["project", project.key, "imports"]],
    done: ({ id }: ImportRead) => setStarted(id),
  };
  const trial = useWrite(() => beginImport(project.key, wish, true), after);
  const run = useWrite(() => beginImport(project.key, wish, false), after);
  const writing = { ...run, beside: () => run.beside([]) ?? trial.beside([]) };

  return (
    <Stack>
      <WriteForm
        write={writing}
        button={words.run}
        disabled={isUnderWay}
        onSubmit={() => {
          trial.reset();
          run.send();
        }}
        beside={
          <>
            <Button
              variant="default"
              loading={trial.isPending}
              disabled={isUnderWay}
              onClick={() => {
                run.reset();
                trial.send();
              }}
            >
              {words.tryIt}
            </Button>
            <Button variant="default" onClick={onAgain}>
              {words.again}
            </Button>
          </>
        }
      >
        <Text>{words.chosen(first.file.name)}</Text>
        {preview.columns.length > 0 && (
          <Columns
            project={project}
            preview={preview}
            mapping={mapping}
            unknownAsFields={unknownAsFields}
            onChange={setMapping}
          />
        )}
        <Group align="flex-end">
          {preview.format === "csv" && (
            <NativeSelect
              label={words.dateOrder}
              data={DATE_ORDERS}
              value={dateOrder}
              onChange={(event) => setDateOrder(event.currentTarget.value)}
            />
          )}
          <Checkbox
            label={words.unknown}
            checked={unknownAsFields}
            onChange={(event) => setUnknownAsFields(event.currentTarget.checked)}
          />
        </Group>
      </WriteForm>
      {started !== null && <ImportProgress key={started} project={project} id={started} />}
    </Stack>
  );
}
