/** One step of a checklist. */

import { useSortable } from "@dnd-kit/react/sortable";
import { TextInput } from "@mantine/core";
import { IconGripVertical } from "@tabler/icons-react";
import { type KeyboardEvent, useState } from "react";

import type { ItemRead, ItemUpdate } from "@/api/schema";
import { texts } from "@/texts";

import classes from "../lists.module.css";
import { useOpenTask } from "../openTask";
import { TickBox } from "@/ui/forms/TickBox";
import { ItemMenu } from "./ItemMenu";

const words = texts.task.checklist;
const STEPS: Record<string, 1 | -1> = { ArrowUp: -1, ArrowDown: 1 };

type Props = {
  item: ItemRead;
  index: number;
  isLast: boolean;
  onChange: (change: ItemUpdate) => Promise<unknown>;
  onPlace: (position: number) => void;
  /** By a key, after which the handle keeps the focus. */
  onStep: (by: 1 | -1) => void;
};

export function ChecklistItem({ item, index, isLast, onChange, onPlace, onStep }: Props) {
  const { mayWrite } = useOpenTask();
  const { ref, handleRef, isDragging } = useSortable({ id: item.id, index, disabled: !mayWrite });
  const [typed, setTyped] = useState<string | null>(null);

  const save = () => {
    const text = typed?.trim() ?? "";
    setTyped(null);
    if (text === "" || text === item.text) return;
    // What was refused is told by a toast, and there again to be mended.
    onChange({ text }).catch(() => setTyped((now) => now ?? text));
  };
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.nativeEvent.isComposing) return;
    if (event.key === "Enter") save();
    if (event.key === "Escape") {
      event.preventDefault();
      event.stopPropagation();
      setTyped(null);
    }
  };

  return (
    <li ref={ref} className={classes.row} data-dragging={isDragging || undefined}>
      {mayWrite && (
        <button
          ref={handleRef}
          type="button"
          className={classes.handle}
          aria-label={words.drag(item.text)}
          data-handle={item.id}
          onKeyDown={(event) => {
            const by = STEPS[event.key];
            if (by === undefined) return;
            event.preventDefault();
            event.stopPropagation();
            onStep(by);
          }}
        >
          <IconGripVertical size={16} aria-hidden />
        </button>
      )}
      {typed === null ? (
        <TickBox
          className={classes.grow}
          label={item.text}
          checked={item.done}
          disabled={!mayWrite}
          onTick={(done) => onChange({ done })}
        />
      ) : (
        <TextInput
          className={classes.grow}
          size="xs"
          aria-label={words.rename(item.text)}
          autoFocus
          maxLength={500}
          value={typed}
          onChange={(event) => setTyped(event.currentTarget.value)}
          onBlur={save}
          onKeyDown={onKeyDown}
        />
      )}
      {mayWrite && (
        <ItemMenu
          item={item}
          isFirst={index === 0}
          isLast={isLast}
          onRename={() => setTyped(item.text)}
          onUp={() => onPlace(index - 1)}
          onDown={() => onPlace(index + 1)}
        />
      )}
    </li>
  );
}
