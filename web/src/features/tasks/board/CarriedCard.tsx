/** The card under the pointer, which the one in the column is a shadow of. */

import type { LabelRead, UserBrief } from "@/api/schema";
import { today } from "@/format/dates";

import classes from "./Card.module.css";
import { type CardActs, CardFace } from "./CardFace";
import type { Column } from "./columns";

type CarriedCardProps = {
  id: string;
  columns: readonly Column[];
  people: ReadonlyMap<string, UserBrief>;
  labels: ReadonlyMap<string, LabelRead>;
};

const NOTHING = () => undefined;
const ACTS: CardActs = { open: NOTHING, select: NOTHING, menu: NOTHING };

export function CarriedCard({ id, columns, people, labels }: CarriedCardProps) {
  const task = columns.flatMap(({ key, items }) => items.filter((one) => `${key}/${one.key}` === id))[0];
  if (task === undefined) return null;
  return (
    <div className={`${classes.card} ${classes.overlay}`} aria-hidden>
      <CardFace
        task={task}
        column=""
        canMove={false}
        isSelected={false}
        today={today()}
        people={people}
        labels={labels}
        acts={ACTS}
      />
    </div>
  );
}
