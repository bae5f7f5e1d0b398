/** One column of the board, changed in its place. */

import { ActionIcon, Button, Group, NativeSelect, Paper } from "@mantine/core";
import { IconArrowDown, IconArrowUp, IconGripVertical } from "@tabler/icons-react";
import { useSortable } from "@dnd-kit/react/sortable";
import { useState } from "react";

import type { StatusCategory, StatusRead, StatusUpdate } from "@/api/schema";
import { texts } from "@/texts";
import { InlineText } from "@/ui/forms/InlineText";
import { numberIn } from "@/ui/forms/numbers";

import { DeleteButton } from "../DeleteButton";

const words = texts.projectSettings.statuses;
const CATEGORIES = (Object.keys(texts.tasks.categories) as StatusCategory[]).map((value) => ({
  value,
  label: texts.tasks.categories[value],
}));

type Change = StatusUpdate & { id: string };
type Props = {
  status: StatusRead;
  index: number;
  others: StatusRead[];
  change: { send: (change: Change) => void; save: (change: Change) => Promise<unknown> };
  onPlace: (position: number) => void;
  /** Whether it was to be deleted, and tasks have it. */
  isInUse: boolean;
  isDeleting: boolean;
  onDelete: (moveTo?: string) => void;
};

export function StatusRow(props: Props) {
  const { status, index, others, change, onPlace, isInUse, isDeleting, onDelete } = props;
  const { ref, handleRef, isDragging } = useSortable({ id: status.id, index });
  const { name } = status;
  const [moveTo, setMoveTo] = useState(others[0]?.key ?? "");

  return (
    <Paper component="li" ref={ref} withBorder p="xs" opacity={isDragging ? 0.6 : 1}>
      <Group gap="xs">
        <ActionIcon
          ref={handleRef}
          variant="subtle"
          color="gray"
          aria-label={words.drag(name)}
          aria-pressed={isDragging}
          style={{ cursor: "grab" }}
        >
          <IconGripVertical size={18} aria-hidden />
        </ActionIcon>
        <div style={{ flex: "1 1 160px" }}>
          <InlineText
            label={words.nameOf(name)}
            value={name}
            required
            onSave={(typed) => change.save({ id: status.id, name: typed })}
          />
        </div>
        <NativeSelect
          aria-label={words.categoryOf(name)}
          data={CATEGORIES}
          value={status.category}
          onChange={(event) => change.send({ id: status.id, category: event.currentTarget.value as StatusCategory })}
        />
        <div style={{ width: 80 }}>
          <InlineText
            label={words.limitOf(name)}
            placeholder={words.limit}
            value={status.wip_limit === null ? "" : String(status.wip_limit)}
            onSave={async (typed) => change.save({ id: status.id, wip_limit: numberIn(typed) })}
          />
        </div>
        <ActionIcon
          variant="subtle"
          color="gray"
          size="lg"
          aria-label={words.up(name)}
          disabled={index === 0}
          onClick={() => onPlace(index - 1)}
        >
          <IconArrowUp size={18} aria-hidden />
        </ActionIcon>
        <ActionIcon
          variant="subtle"
          color="gray"
          size="lg"
          aria-label={words.down(name)}
          disabled={index === others.length}
          onClick={() => onPlace(index + 1)}
        >
          <IconArrowDown size={18} aria-hidden />
        </ActionIcon>
        <DeleteButton label={texts.projectSettings.deleteOf(name)} onClick={() => onDelete()} />
      </Group>
      {isInUse && (
        <Group gap="xs" mt="xs" align="flex-end">
          <NativeSelect
            label={words.moveTo}
            data={others.map((other) => ({ value: other.key, label: other.name }))}
            value={moveTo}
            onChange={(event) => setMoveTo(event.currentTarget.value)}
          />
          <Button color="red" loading={isDeleting} onClick={() => onDelete(moveTo)}>
            {words.moveAndDelete}
          </Button>
        </Group>
      )}
    </Paper>
  );
}
