/** Numbers as people type them: 2.5 and 2,5; nothing is no number. */

import { texts } from "@/texts";

export function numberOf(text: string): number | null {
  return text === "" ? null : Number(text.replace(",", "."));
}

export function numberFault(text: string): string | undefined {
  const number = numberOf(text);
  return number === null || Number.isFinite(number) ? undefined : texts.task.fields.notANumber;
}
