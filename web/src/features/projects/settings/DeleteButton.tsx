/** The bin at the end of a row. */

import { ActionIcon } from "@mantine/core";
import { IconTrash } from "@tabler/icons-react";

export function DeleteButton({ label, onClick }: { label: string; onClick: () => void }) {
  return (
    <ActionIcon variant="subtle" color="gray" size="lg" aria-label={label} onClick={onClick}>
      <IconTrash size={18} aria-hidden />
    </ActionIcon>
  );
}
