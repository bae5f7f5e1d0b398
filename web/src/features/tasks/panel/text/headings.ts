/** Headings within a text stand below those of the page: a page has one of the first order, which is its own. */

import { useOpenTask } from "../openTask";

const LOWEST = 6;

export function useLowered(): (html: string) => string {
  const { isPage } = useOpenTask();
  // The title is one order above the names of the parts, and those are one above what is in them.
  return (html) => lowered(html, isPage ? 2 : 3);
}

function lowered(html: string, by: number): string {
  return html.replace(/(<\/?h)([1-6])(?=[\s>])/g, (_tag, start: string, order: string) => {
    return `${start}${Math.min(Number(order) + by, LOWEST)}`;
  });
}
