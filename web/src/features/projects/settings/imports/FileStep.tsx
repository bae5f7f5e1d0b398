/** The first step: which file, and written by which program. */

import { Button, FileButton, Group, NativeSelect, Text } from "@mantine/core";
import { useState } from "react";

import type { ImportFormat, ImportPreview, ProjectRead } from "@/api/schema";
import { texts } from "@/texts";
import { useWrite } from "@/ui/forms/useWrite";
import { WriteForm } from "@/ui/forms/WriteForm";

import { type ImportWish, previewImport } from "./sending";

const words = texts.imports;
const FORMATS = (Object.keys(words.formats) as ImportFormat[]).map((value) => ({ value, label: words.formats[value] }));

type Props = { project: ProjectRead; onLooked: (wish: ImportWish, preview: ImportPreview) => void };

export function FileStep({ project, onLooked }: Props) {
  const [format, setFormat] = useState<ImportFormat>("csv");
  const [file, setFile] = useState<File | null>(null);
  const [lacksFile, setLacksFile] = useState(false);
  const look = useWrite((wish: ImportWish) => previewImport(project.key, wish), {
    done: (preview, wish) => onLooked(wish, preview),
  });
  return (
    <WriteForm
      write={look}
      button={words.look}
      onSubmit={() => {
        setLacksFile(file === null);
        if (file !== null) look.send({ format, file, mapping: {}, unknownAsFields: false, dateOrder: "" });
      }}
    >
      <Group align="flex-end">
        <NativeSelect
          label={words.format}
          data={FORMATS}
          value={format}
          onChange={(event) => setFormat(event.currentTarget.value as ImportFormat)}
        />
        <FileButton onChange={setFile} inputProps={{ "aria-label": words.file }}>
          {(props) => (
            <Button variant="default" {...props}>
              {words.choose}
            </Button>
          )}
        </FileButton>
        {file !== null && <Text>{words.chosen(file.name)}</Text>}
      </Group>
      {lacksFile && file === null && <Text role="alert">{words.needFile}</Text>}
    </WriteForm>
  );
}
