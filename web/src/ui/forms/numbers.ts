/** Numbers as people type them into a text: with a comma or a point, or with nothing for none. */

import { texts } from "@/texts";

export function numberIn(typed: string): number | null {
  if (typed === "") return null;
  const number = Number(typed.replace(",", "."));
  // Sent as it is, it would be null: what was set would be gone.
  if (Number.isNaN(number)) throw new Error(texts.common.noNumber);
  return number;
}
