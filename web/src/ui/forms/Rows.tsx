/** A list of things that are seen to one by one: a row each, or a sentence where there are none. */

import { Text } from "@mantine/core";
import { type FocusEvent, type ReactNode, useEffect, useRef } from "react";

import classes from "./Rows.module.css";

type Props<T> = { label: string; items: readonly T[]; none: string; children: (item: T, index: number) => ReactNode };

export function Rows<T extends { id: string | number }>({ label, items, none, children }: Props<T>) {
  const { ref, onFocus, onBlur } = useKeptFocus();
  return (
    <div ref={ref} onFocus={onFocus} onBlur={onBlur}>
      {items.length === 0 ? (
        <Text c="dimmed" tabIndex={-1}>
          {none}
        </Text>
      ) : (
        <ul className={classes.rows} aria-label={label}>
          {items.map((item, index) => (
            <li key={item.id} className={classes.row} tabIndex={-1}>
              {children(item, index)}
            </li>
          ))}
        </ul>
      )}
    </div>
  );
}

/** What had the focus gets it back after it was disabled; where it is gone, the row that stands there now has it. */
function useKeptFocus() {
  const ref = useRef<HTMLDivElement>(null);
  const had = useRef<{ element: Element; row: number } | null>(null);
  useEffect(() => {
    if (had.current === null || document.activeElement !== document.body) return;
    const { element, row } = had.current;
    if (element instanceof HTMLElement && element.isConnected) {
      element.focus({ preventScroll: true });
      return;
    }
    const rows = ref.current?.querySelectorAll<HTMLElement>(":scope > ul > li");
    const next = rows?.[Math.min(row, rows.length - 1)] ?? ref.current?.querySelector<HTMLElement>("p");
    next?.focus({ preventScroll: true });
  });
  const onFocus = ({ target }: FocusEvent) => {
    const rows = ref.current?.querySelectorAll(":scope > ul > li") ?? [];
    const row = Array.from(rows).findIndex((one) => one.contains(target));
    // A question that a row asks stands elsewhere in the document.
    had.current = { element: target, row: row < 0 ? (had.current?.row ?? 0) : row };
  };
  const onBlur = ({ target }: FocusEvent) => {
    // A button that is disabled while it waits has not been left, and of what is taken away nothing is heard here.
    if (!target.matches(":disabled")) had.current = null;
  };
  return { ref, onFocus, onBlur };
}
