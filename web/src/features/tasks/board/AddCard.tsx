/** The way to a new card at the end of a column. What one types there is loaded when it is wanted. */

import { Button } from "@mantine/core";
import { IconPlus } from "@tabler/icons-react";
import { lazy, Suspense, useRef, useState } from "react";

import { typeAhead } from "@/keyboard/typedAhead";
import { texts } from "@/texts";

import classes from "./Board.module.css";
import type { Column } from "./columns";

const load = () => import("./NewCard");
const NewCard = lazy(load);
const words = texts.board;

export function AddCard({ project, column }: { project: string; column: Column }) {
  const [isOpen, setOpen] = useState(false);
  const button = useRef<HTMLButtonElement>(null);
  const close = (isByKey: boolean) => {
    setOpen(false);
    // The button is drawn again before it can be where the focus goes back to.
    if (isByKey) setTimeout(() => button.current?.focus());
  };
  const opener = (
    <Button
      ref={button}
      variant="subtle"
      color="gray"
      size="compact-sm"
      fw={500}
      fullWidth
      justify="flex-start"
      className={classes.add}
      leftSection={<IconPlus size={16} aria-hidden />}
      aria-label={words.addTo(column.name)}
      onPointerEnter={() => void load()}
      onFocus={() => void load()}
      onClick={() => {
        typeAhead();
        setOpen(true);
      }}
    >
      {words.add}
    </Button>
  );
  if (!isOpen) return opener;
  return (
    <Suspense fallback={opener}>
      <NewCard project={project} column={column} onClose={close} />
    </Suspense>
  );
}
