/** Rules of repetition as people choose them, to and from RFC 5545. What they cannot choose stays a rule in letters. */

export const FREQUENCIES = ["DAILY", "WEEKLY", "MONTHLY", "YEARLY"] as const;
export type Frequency = (typeof FREQUENCIES)[number];
export const WEEKDAYS = ["MO", "TU", "WE", "TH", "FR", "SA", "SU"] as const;
export type Weekday = (typeof WEEKDAYS)[number];

export type Chosen = {
  frequency: Frequency;
  interval: number;
  weekdays: readonly Weekday[];
  /** 1 to 31, or -1 for the last. */
  monthDay: number | null;
  end: { kind: "never" } | { kind: "count"; count: number } | { kind: "until"; day: string };
};

export const FIRST: Chosen = { frequency: "WEEKLY", interval: 1, weekdays: [], monthDay: null, end: { kind: "never" } };

export function ruleOf(chosen: Chosen): string {
  const parts = [`FREQ=${chosen.frequency}`];
  if (chosen.interval > 1) parts.push(`INTERVAL=${chosen.interval}`);
  if (chosen.frequency === "WEEKLY" && chosen.weekdays.length > 0) {
    parts.push(`BYDAY=${WEEKDAYS.filter((day) => chosen.weekdays.includes(day)).join(",")}`);
  }
  if (chosen.frequency === "MONTHLY" && chosen.monthDay !== null) parts.push(`BYMONTHDAY=${chosen.monthDay}`);
  if (chosen.end.kind === "count") parts.push(`COUNT=${chosen.end.count}`);
  if (chosen.end.kind === "until") parts.push(`UNTIL=${chosen.end.day.replaceAll("-", "")}`);
  return parts.join(";");
}

/** Null for a rule that says more than can be chosen. */
export function chosenOf(rule: string): Chosen | null {
  const parts = new Map(
    rule
      .toUpperCase()
      .split(";")
      .filter(Boolean)
      .map((part): [string, string] => {
        const [name = "", value = ""] = part.split("=");
        return [name, value];
      }),
  );
  const take = (name: string) => {
    const value = parts.get(name);
    parts.delete(name);
    return value;
  };
  const written = take("FREQ");
  const frequency = FREQUENCIES.find((one) => one === written);
  const interval = Number(take("INTERVAL") ?? 1);
  const weekdays = frequency === "WEEKLY" ? weekdaysOf(take("BYDAY")) : [];
  const monthDay = frequency === "MONTHLY" ? monthDayOf(take("BYMONTHDAY")) : null;
  const end = endOf(take("COUNT"), take("UNTIL"));
  if (frequency === undefined || weekdays === null || monthDay === undefined || end === null) return null;
  return parts.size > 0 || !Number.isInteger(interval) ? null : { frequency, interval, weekdays, monthDay, end };
}

function weekdaysOf(written: string | undefined): Weekday[] | null {
  if (written === undefined) return [];
  const days = written.split(",").map((day) => WEEKDAYS.find((one) => one === day));
  const known = days.filter((day) => day !== undefined);
  return known.length === days.length ? known : null;
}

function monthDayOf(written: string | undefined): number | null | undefined {
  if (written === undefined) return null;
  return /^(-1|[1-9]|[12]\d|3[01])$/.test(written) ? Number(written) : undefined;
}

function endOf(count: string | undefined, until: string | undefined): Chosen["end"] | null {
  if (count !== undefined) return until === undefined ? { kind: "count", count: Number(count) } : null;
  if (until === undefined) return { kind: "never" };
  const day = /^(\d{4})(\d{2})(\d{2})$/.exec(until);
  return day === null ? null : { kind: "until", day: day.slice(1).join("-") };
}
