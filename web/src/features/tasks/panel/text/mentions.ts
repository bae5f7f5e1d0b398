/** Whose name is being typed after an @, and putting it there. */

import { type KeyboardEvent, type RefObject, useId, useState } from "react";

import type { MemberRead, UserBrief } from "@/api/schema";

const MOST = 6;
const TYPED = /(?:^|[\s(])@([\p{L}\p{N}._-]*)$/u;

type Asked = { from: number; to: number; word: string };
type Given = {
  field: RefObject<HTMLTextAreaElement | null>;
  members: readonly MemberRead[];
  value: string;
  onChange: (text: string) => void;
};

export type Mentions = ReturnType<typeof useMentions>;

export function useMentions({ field, members, value, onChange }: Given) {
  const id = useId();
  const [asked, setAsked] = useState<Asked | null>(null);
  const [at, setAt] = useState(0);
  const people = asked === null ? [] : found(members, asked.word);
  const close = () => setAsked(null);

  const look = (target: HTMLTextAreaElement) => {
    const to = target.selectionStart;
    const word = TYPED.exec(target.value.slice(0, to))?.[1];
    setAt(0);
    setAsked(word === undefined ? null : { from: to - word.length, to, word });
  };

  const pick = (person: UserBrief) => {
    if (asked === null) return;
    const caret = asked.from + person.username.length + 1;
    onChange(`${value.slice(0, asked.from)}${person.username} ${value.slice(asked.to)}`);
    close();
    requestAnimationFrame(() => {
      field.current?.focus();
      field.current?.setSelectionRange(caret, caret);
    });
  };

  /** Whether the key was for the list of people. */
  const onKeyDown = (event: KeyboardEvent): boolean => {
    const chosen = people[at];
    if (chosen === undefined) return false;
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (step !== undefined) setAt((at + step + people.length) % people.length);
    else if ((event.key === "Enter" && !event.ctrlKey && !event.metaKey) || event.key === "Tab") pick(chosen);
    else if (event.key === "Escape") close();
    else return false;
    event.preventDefault();
    event.stopPropagation();
    return true;
  };

  const isOpen = people.length > 0;
  const aria = {
    "aria-autocomplete": "list",
    "aria-controls": isOpen ? id : undefined,
    "aria-activedescendant": isOpen ? `${id}-${at}` : undefined,
  } as const;
  return { id, people, at, look, pick, close, onKeyDown, aria };
}

function found(members: readonly MemberRead[], word: string): UserBrief[] {
  const wanted = word.toLowerCase();
  return members
    .map(({ user }) => user)
    .filter((user) => [user.username, user.full_name ?? ""].some((name) => name.toLowerCase().includes(wanted)))
    .slice(0, MOST);
}
