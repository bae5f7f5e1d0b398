/**
 * What an answer has in common with the one before stays the same object, and what shows it is not drawn again.
 *
 * The library compares lists place by place: a task that comes in at the top of a column would make all beneath it new,
 * and each card would be drawn. Here things are compared by their id.
 */

export function shared(before: unknown, after: unknown): unknown {
  if (before === after) return before;
  if (Array.isArray(before) && Array.isArray(after)) return sharedList(before, after);
  if (isPlain(before) && isPlain(after)) return sharedObject(before, after);
  return after;
}

function sharedList(before: readonly unknown[], after: readonly unknown[]): readonly unknown[] {
  const known = new Map(before.map((one, place) => [identity(one, place), one]));
  const list = after.map((one, place) => shared(known.get(identity(one, place)), one));
  const isSame = list.length === before.length && list.every((one, place) => one === before[place]);
  return isSame ? before : list;
}

function sharedObject(before: Fields, after: Fields): Fields {
  const entries = Object.entries(after).map(([name, value]) => [name, shared(before[name], value)] as const);
  const isSame =
    entries.length === Object.keys(before).length &&
    entries.every(([name, value]) => name in before && value === before[name]);
  return isSame ? before : Object.fromEntries(entries);
}

type Fields = Readonly<Record<string, unknown>>;

/** A task has an id, a group its key; what has neither is what stands at its place. */
function identity(one: unknown, place: number): unknown {
  if (!isPlain(one)) return place;
  return one.id ?? one.key ?? place;
}

function isPlain(value: unknown): value is Fields {
  return typeof value === "object" && value !== null && Object.getPrototypeOf(value) === Object.prototype;
}
