/** The card that is being carried, by pointer or by keys, and the place it would fall into. */

import { useSyncExternalStore } from "react";

/** Before which card of which column; at its end with null. */
export type Place = { column: string; before: string | null };
export type Carry = { task: string; from: string; place: Place };

const listeners = new Set<() => void>();
let carry: Carry | null = null;

export function currentCarry(): Carry | null {
  return carry;
}

export function pickUp(task: string, from: string, place: Place): void {
  set({ task, from, place });
}

export function carryTo(place: Place): void {
  if (carry === null) return;
  if (carry.place.column === place.column && carry.place.before === place.before) return;
  set({ ...carry, place });
}

export function putDown(): void {
  set(null);
}

/** For one column, which is drawn again only when the place is, or was, in it. */
export function usePlaceIn(column: string): Place | null {
  return useSyncExternalStore(subscribe, () => (carry?.place.column === column ? carry.place : null));
}

export function useIsCarried(task: string, column: string): boolean {
  return useSyncExternalStore(subscribe, () => carry?.task === task && carry.from === column);
}

function set(next: Carry | null): void {
  carry = next;
  for (const listener of listeners) listener();
}

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}
