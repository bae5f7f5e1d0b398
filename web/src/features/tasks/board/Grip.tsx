/** Makes a card one that can be carried when a pointer goes down on it: hundreds made ready at once take longer than drawn. */

import { Draggable } from "@dnd-kit/dom";
import { useDragDropManager } from "@dnd-kit/react";
import { type RefObject, useEffect } from "react";

export function Grip({ board }: { board: RefObject<HTMLElement | null> }) {
  const manager = useDragDropManager();
  useEffect(() => {
    const area = board.current;
    if (area === null || manager === null) return;
    let held: Draggable | null = null;
    // On its way down to the card, which then hears of it itself.
    const take = ({ target }: PointerEvent) => {
      if (!(target instanceof Element) || !manager.dragOperation.status.idle) return;
      const card = target.closest<HTMLElement>("[data-task]");
      const column = target.closest<HTMLElement>("[data-column]");
      held?.destroy();
      held = null;
      if (card === null || column === null) return;
      const id = `${column.dataset.column ?? ""}/${card.dataset.task ?? ""}`;
      held = new Draggable({ id, element: card, register: false }, manager);
      held.register();
    };
    area.addEventListener("pointerdown", take, { capture: true });
    // Safari lets a page keep a finger from scrolling only if somebody listened before the finger came.
    window.addEventListener("touchmove", listen, { passive: false });
    return () => {
      area.removeEventListener("pointerdown", take, { capture: true });
      window.removeEventListener("touchmove", listen);
      held?.destroy();
    };
  }, [board, manager]);
  return null;
}

function listen(): void {
  // To have listened is all.
}
