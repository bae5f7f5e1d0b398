/** Which field is being chosen, and for which tasks: what the keys and the bulk bar open. */

import { useSyncExternalStore } from "react";

export type Field = "status" | "assignee" | "priority" | "labels" | "due" | "project";
export type Asked = { field: Field; tasks: readonly string[] };

const listeners = new Set<() => void>();
let asked: Asked | null = null;

export function openFieldDialog(field: Field, tasks: readonly string[]): void {
  if (tasks.length > 0) set({ field, tasks });
}

export function closeFieldDialog(): void {
  set(null);
}

export function useAskedField(): Asked | null {
  return useSyncExternalStore(subscribe, () => asked);
}

function set(next: Asked | null): void {
  asked = next;
  for (const listener of listeners) listener();
}

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}
