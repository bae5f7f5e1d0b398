/** What is written on a card. Plain elements: there may be hundreds. */

import { IconDots } from "@tabler/icons-react";

import type { MouseEvent } from "react";

import type { LabelRead, TaskExpanded, UserBrief } from "@/api/schema";
import { texts } from "@/texts";

import { LabelDot, personName, PriorityIcon } from "../pickers/choices";
import classes from "./Card.module.css";
import { CardFacts } from "./CardFacts";

const words = texts.board;

/** What a click does, the same for all cards: another object would draw all of them again. */
export type CardActs = {
  open: (event: MouseEvent, task: TaskExpanded) => void;
  select: (event: MouseEvent, task: TaskExpanded) => void;
  menu: (button: HTMLElement, task: TaskExpanded, column: string) => void;
};

type CardFaceProps = {
  task: TaskExpanded;
  column: string;
  canMove: boolean;
  isSelected: boolean;
  today: string;
  people: ReadonlyMap<string, UserBrief>;
  labels: ReadonlyMap<string, LabelRead>;
  acts: CardActs;
};

export function CardFace({ task, column, canMove, isSelected, today, people, labels, acts }: CardFaceProps) {
  const named = task.label_ids.flatMap((id) => labels.get(id) ?? []);
  const persons = task.assignee_ids.flatMap((id) => people.get(id) ?? []);
  return (
    <>
      <div className={classes.head}>
        <span className={classes.key}>{task.key}</span>
        {task.priority !== "none" && (
          <span role="img" aria-label={words.priority(texts.tasks.priorities[task.priority])}>
            <PriorityIcon priority={task.priority} />
          </span>
        )}
        {canMove && (
          <span className={classes.tools}>
            <input
              type="checkbox"
              className={classes.select}
              aria-label={words.select(task.key)}
              checked={isSelected}
              tabIndex={-1}
              onClick={(event) => acts.select(event, task)}
              readOnly
            />
            <button
              type="button"
              className={classes.menu}
              aria-label={words.actions(task.key)}
              aria-haspopup="menu"
              tabIndex={-1}
              onClick={(event) => acts.menu(event.currentTarget, task, column)}
            >
              <IconDots size={16} aria-hidden />
            </button>
          </span>
        )}
      </div>
      {/* The router's own link reckons its address anew whenever any address changes. */}
      <a
        href={`/tasks/${task.key}`}
        className={classes.title}
        onClick={(event) => acts.open(event, task)}
        draggable={false}
        tabIndex={-1}
      >
        {task.title}
      </a>
      {named.length > 0 && (
        <div className={classes.labels}>
          {named.map((label) => (
            <span key={label.id} className={classes.label}>
              <LabelDot color={label.color} />
              {label.name}
            </span>
          ))}
        </div>
      )}
      <div className={classes.foot}>
        <CardFacts task={task} today={today} />
        {persons.length > 0 && (
          <span className={classes.people}>
            {persons.map((person) => (
              <span
                key={person.id}
                className={classes.person}
                role="img"
                aria-label={personName(person)}
                title={personName(person)}
              >
                {initials(person)}
              </span>
            ))}
          </span>
        )}
      </div>
    </>
  );
}

function initials(person: UserBrief): string {
  const parts = personName(person).split(/\s+/);
  return [parts[0], parts.length > 1 ? parts.at(-1) : ""]
    .map((part) => part?.charAt(0) ?? "")
    .join("")
    .toUpperCase();
}
