/** Lengths of time as people type them: 1h 30m, 1:30, 1.5h, 45m, 45. */

export function secondsOf(typed: string): number | null {
  const text = typed.trim().toLowerCase().replace(",", ".");
  const clock = /^(\d+):([0-5]\d)$/.exec(text);
  if (clock !== null) return positive(Number(clock[1]) * 3600 + Number(clock[2]) * 60);
  const parts = /^(?:(\d+(?:\.\d+)?)\s*h)?\s*(?:(\d+(?:\.\d+)?)\s*(?:m|min)?)?$/.exec(text);
  if (parts === null || text === "") return null;
  return positive(Math.round(Number(parts[1] ?? 0) * 3600 + Number(parts[2] ?? 0) * 60));
}

function positive(seconds: number): number | null {
  return seconds > 0 ? seconds : null;
}

/** As somebody would type it, in any language: 1:30. */
export function typedLength(seconds: number): string {
  const minutes = Math.round(seconds / 60);
  return `${Math.floor(minutes / 60)}:${String(minutes % 60).padStart(2, "0")}`;
}
