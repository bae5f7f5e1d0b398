/** A row of links that a phone shows a part of: the open one is in that part. */

import { type RefObject, useEffect } from "react";

/** Scrolls the row alone; scrollIntoView also makes Tab go on from there, past the skip link. */
export function useOpenInSight(row: RefObject<HTMLElement | null>, open: string): void {
  useEffect(() => {
    const link = row.current?.querySelector("[aria-current]")?.getBoundingClientRect();
    const seen = row.current?.getBoundingClientRect();
    if (link === undefined || seen === undefined) return;
    row.current?.scrollBy({ left: Math.max(link.right - seen.right, 0) + Math.min(link.left - seen.left, 0) });
  }, [row, open]);
}
