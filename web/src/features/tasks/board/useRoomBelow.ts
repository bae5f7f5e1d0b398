/** How high something may be to end where the window does: its columns scroll, the page does not. */

import { type RefObject, useLayoutEffect, useState } from "react";

const LEAST = 320;
const MARGIN = 12;

export function useRoomBelow(element: RefObject<HTMLElement | null>): number {
  const [room, setRoom] = useState(LEAST);
  useLayoutEffect(() => {
    const measure = () => {
      const top = (element.current?.getBoundingClientRect().top ?? 0) + window.scrollY;
      setRoom(Math.max(window.innerHeight - top - MARGIN, LEAST));
    };
    measure();
    const above = element.current?.parentElement;
    const observer = new ResizeObserver(measure);
    // What stands above, a bar of filters, may become higher.
    if (above != null) observer.observe(above);
    window.addEventListener("resize", measure);
    return () => {
      observer.disconnect();
      window.removeEventListener("resize", measure);
    };
  }, [element]);
  return room;
}
