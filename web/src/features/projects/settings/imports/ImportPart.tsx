/** Bringing tasks in from a file, in three steps: looked at, tried, brought in. */

import { useState } from "react";

import type { ImportPreview, ProjectRead } from "@/api/schema";
import { texts } from "@/texts";
import { Section } from "@/ui/forms/Section";

import { EarlierImports } from "./EarlierImports";
import { FileStep } from "./FileStep";
import { MappingStep } from "./MappingStep";
import type { ImportWish } from "./sending";

const words = texts.imports;

export default function ImportPart({ project }: { project: ProjectRead }) {
  const [looked, setLooked] = useState<{ wish: ImportWish; preview: ImportPreview } | null>(null);
  return (
    <>
      <Section title={words.title} text={words.text}>
        {looked === null ? (
          <FileStep project={project} onLooked={(wish, preview) => setLooked({ wish, preview })} />
        ) : (
          <MappingStep project={project} wish={looked.wish} preview={looked.preview} onAgain={() => setLooked(null)} />
        )}
      </Section>
      <EarlierImports project={project} />
    </>
  );
}
