/** Which task the keyboard is at and which ones are selected, in the order in which a view shows them. */

import { useSyncExternalStore } from "react";

type State = { order: readonly string[]; cursor: string | null; selected: ReadonlySet<string>; anchor: string | null };

const EMPTY: State = { order: [], cursor: null, selected: new Set(), anchor: null };
const listeners = new Set<() => void>();
let state = EMPTY;

export function useSelection(): State {
  return useSyncExternalStore(subscribe, () => state);
}

/** For one card or row, which is drawn again only when its own mark changes. */
export function useMark(task: string): "none" | "cursor" | "selected" | "both" {
  return useSyncExternalStore(subscribe, () => {
    const isSelected = state.selected.has(task);
    if (state.cursor === task) return isSelected ? "both" : "cursor";
    return isSelected ? "selected" : "none";
  });
}

export function currentSelection(): State {
  return state;
}

/** The keys of the tasks that a view shows, from the top; what left the view is selected no more, nor at the cursor. */
export function showing(order: readonly string[]): void {
  const shown = new Set(order);
  const selected = [...state.selected].filter((task) => shown.has(task));
  set({
    ...state,
    order,
    selected: selected.length === state.selected.size ? state.selected : new Set(selected),
    // A view that is being loaded shows nothing, and will show it again.
    cursor: state.cursor === null || order.length === 0 ? state.cursor : remaining(state.cursor, shown),
  });
}

/** The task itself, or what came after it, or else before it. */
function remaining(task: string, shown: ReadonlySet<string>): string | null {
  const at = state.order.indexOf(task);
  const after = state.order.slice(Math.max(at, 0)).find((other) => shown.has(other));
  const before = state.order.slice(0, Math.max(at, 0)).findLast((other) => shown.has(other));
  return shown.has(task) ? task : (after ?? before ?? null);
}

/** Where the selection began stays known: a range ends at another card than the one at which it begins. */
export function moveTo(cursor: string | null): void {
  set({ ...state, cursor });
}

/** Down by one, or up with -1; from nowhere to the first. Returns where the cursor is now. */
export function step(by: 1 | -1): string | null {
  const at = state.cursor === null ? -1 : state.order.indexOf(state.cursor);
  const next = at < 0 ? 0 : Math.min(Math.max(at + by, 0), state.order.length - 1);
  moveTo(state.order[next] ?? null);
  return state.cursor;
}

export function toggle(task: string): void {
  const selected = new Set(state.selected);
  if (!selected.delete(task)) selected.add(task);
  set({ ...state, selected, cursor: task, anchor: task });
}

/** One more, wherever the selection began. */
export function include(task: string): void {
  const anchor = state.selected.size === 0 ? task : state.anchor;
  set({ ...state, selected: new Set([...state.selected, task]), cursor: task, anchor });
}

/** From where the selection began to here, both included. */
export function extendTo(task: string): void {
  const isBegun = state.anchor !== null && state.selected.has(state.anchor);
  const anchor = (isBegun ? state.anchor : state.cursor) ?? task;
  const [from, to] = [state.order.indexOf(anchor), state.order.indexOf(task)];
  const range = state.order.slice(Math.min(from, to), Math.max(from, to) + 1);
  set({ ...state, selected: new Set([...state.selected, ...range]), cursor: task, anchor });
}

export function selectAll(): void {
  set({ ...state, selected: new Set(state.order) });
}

export function clearSelection(): void {
  if (state.selected.size > 0) set({ ...state, selected: new Set(), anchor: null });
}

/** What a key or the bulk bar acts on: the selection, else the task at the cursor. */
export function chosenTasks(): string[] {
  if (state.selected.size > 0) return state.order.filter((task) => state.selected.has(task));
  return state.cursor === null ? [] : [state.cursor];
}

function set(next: State): void {
  state = next;
  for (const listener of listeners) listener();
}

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}
