/** Keys of a view whose tasks stand below one another: from row to row, and over several of them. */

import { useNavigate } from "@tanstack/react-router";

import { beneathDialogs, useKeys } from "@/keyboard/useKeys";

import { currentSelection, include, step, toggle } from "./selection";
import { useSelectionKeys } from "./useSelectionKeys";

export function useRowKeys(project: string): void {
  const navigate = useNavigate();
  const go = (by: 1 | -1) => () => {
    const task = step(by);
    if (task === null) return false;
    document.querySelector(`[data-task="${CSS.escape(task)}"]`)?.scrollIntoView({ block: "nearest" });
    return true;
  };
  const extend = (by: 1 | -1) => () => {
    const { cursor, selected } = currentSelection();
    if (cursor !== null && selected.size === 0) toggle(cursor);
    if (!go(by)()) return false;
    const to = currentSelection().cursor;
    if (to !== null) include(to);
    return true;
  };
  useSelectionKeys(project);
  useKeys(
    beneathDialogs({
      next: go(1),
      previous: go(-1),
      selectNext: extend(1),
      selectPrevious: extend(-1),
      open: () => {
        const { cursor } = currentSelection();
        if (cursor === null) return false;
        void navigate({ to: ".", search: (before) => ({ ...before, task: cursor }) });
        return true;
      },
    }),
  );
}
