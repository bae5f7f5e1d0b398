/** Columns that somebody has folded, in this browser: by project and by what the board is grouped by. */

import { useLocalStorage } from "@mantine/hooks";

import type { GroupBy } from "@/api/schema";

import { toggled } from "../pickers/choices";

export function useCollapsed(project: string, by: GroupBy): [readonly string[], (column: string) => void] {
  const [collapsed, set] = useLocalStorage<string[]>({
    key: `taskapi.collapsed.${project}.${by}`,
    defaultValue: [],
    // Else every folded column would be drawn open first.
    getInitialValueInEffect: false,
  });
  return [collapsed, (column) => set(toggled(collapsed, column))];
}
