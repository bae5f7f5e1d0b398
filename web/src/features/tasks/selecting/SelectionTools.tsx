/** What a view with a selection needs beside its keys: the bar for many, and the dialog for a field. */

import { BulkBar } from "./BulkBar";
import { FieldDialog } from "./FieldDialog";

export function SelectionTools({ project }: { project: string }) {
  return (
    <>
      <BulkBar project={project} />
      <FieldDialog project={project} />
    </>
  );
}
