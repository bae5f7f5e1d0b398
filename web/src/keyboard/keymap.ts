/** Every key of the page, in one table: what listens to it and what the sheet behind `?` shows. */

export type KeyGroup = "general" | "going" | "moving" | "changing";

type Key = {
  /** Alternatives; a space stands between keys pressed one after the other, `mod` is Ctrl or Cmd. */
  readonly keys: readonly string[];
  readonly group: KeyGroup;
};

const key = (group: KeyGroup, ...keys: string[]): Key => ({ keys, group });

export const KEYMAP = {
  help: key("general", "?"),
  search: key("general", "/"),
  filter: key("general", "f"),
  palette: key("general", "mod+k"),
  create: key("general", "c"),
  close: key("general", "Escape"),
  undo: key("general", "mod+z"),
  goHome: key("going", "g h"),
  goInbox: key("going", "g i"),
  goProjects: key("going", "g p"),
  goBoard: key("going", "g b"),
  goList: key("going", "g l"),
  goCalendar: key("going", "g c"),
  goTimeline: key("going", "g t"),
  goAnalytics: key("going", "g a"),
  goSettings: key("going", "g s"),
  next: key("moving", "j", "ArrowDown"),
  previous: key("moving", "k", "ArrowUp"),
  left: key("moving", "ArrowLeft"),
  right: key("moving", "ArrowRight"),
  open: key("moving", "Enter"),
  select: key("moving", "x"),
  selectNext: key("moving", "shift+j"),
  selectPrevious: key("moving", "shift+k"),
  selectRange: key("moving", "shift+x"),
  selectAll: key("moving", "mod+a"),
  status: key("changing", "s"),
  assignee: key("changing", "a"),
  priority: key("changing", "p"),
  labels: key("changing", "l"),
  due: key("changing", "d"),
  complete: key("changing", "e"),
  moveToProject: key("changing", "m"),
  remove: key("changing", "Delete", "#"),
  carry: key("changing", "Space"),
  moveUp: key("changing", "shift+ArrowUp"),
  moveDown: key("changing", "shift+ArrowDown"),
  moveLeft: key("changing", "shift+ArrowLeft"),
  moveRight: key("changing", "shift+ArrowRight"),
} as const satisfies Record<string, Key>;

export type KeyAction = keyof typeof KEYMAP;

const MAC = /Mac|iPhone|iPad/.test(navigator.userAgent);
const SHOWN: Record<string, string> = {
  mod: MAC ? "⌘" : "Ctrl",
  shift: "Shift",
  ArrowUp: "↑",
  ArrowDown: "↓",
  ArrowLeft: "←",
  ArrowRight: "→",
};

/** How a key is shown to people: "shift+ArrowUp" becomes ["Shift", "↑"]. */
export function shown(keys: string): string[] {
  return keys.split(/[ +]/).map((part) => SHOWN[part] ?? (part.length === 1 ? part.toUpperCase() : part));
}
