/** Days and instants as the reader writes them, in the reader's time zone. A day is `YYYY-MM-DD`. */

import { currentSession } from "@/api/session";

const DAY_MS = 86_400_000;

function reader(): { locale: string | undefined; timeZone: string | undefined } {
  const user = currentSession()?.user;
  return { locale: user === undefined ? undefined : localeOf(user.locale), timeZone: user?.timezone };
}

const formats = new Map<string, Intl.DateTimeFormat>();

/** One of a kind: to make one takes longer than to use it a hundred times, and a board has hundreds of dates. */
function format(locale: string | undefined, options: Intl.DateTimeFormatOptions): Intl.DateTimeFormat {
  const key = JSON.stringify([locale, options]);
  const made = formats.get(key) ?? new Intl.DateTimeFormat(locale, options);
  formats.set(key, made);
  return made;
}

const agos = new Map<string | undefined, Intl.RelativeTimeFormat>();

function ago(locale: string | undefined): Intl.RelativeTimeFormat {
  const made = agos.get(locale) ?? new Intl.RelativeTimeFormat(locale, { numeric: "auto" });
  agos.set(locale, made);
  return made;
}

/** Today in the reader's zone. */
export function today(): string {
  return dayOf(new Date().toISOString());
}

/** The day on which an instant falls for the reader. */
export function dayOf(instant: string): string {
  // Swedish writes dates as ISO 8601 does.
  return format("sv", { timeZone: reader().timeZone }).format(new Date(instant));
}

export function showDay(day: string): string {
  const date = new Date(`${day}T00:00:00Z`);
  const sameYear = day.startsWith(today().slice(0, 4));
  const options: Intl.DateTimeFormatOptions = { day: "numeric", month: "short", timeZone: "UTC" };
  return format(reader().locale, sameYear ? options : { ...options, year: "numeric" }).format(date);
}

export function showInstant(instant: string): string {
  const { locale, timeZone } = reader();
  return format(locale, { dateStyle: "medium", timeStyle: "short", timeZone }).format(new Date(instant));
}

/** Before they are drawn: the browser takes longer to find out how somebody writes dates than to draw what has them. */
export function prepareDates(): void {
  showInstant(new Date().toISOString());
  showDay(today());
}

/** "3 hours ago", "in 2 days"; beyond a month the day itself. */
export function showAgo(instant: string): string {
  const seconds = (new Date(instant).getTime() - Date.now()) / 1000;
  const words = ago(reader().locale);
  const distance = Math.abs(seconds);
  if (distance < 60) return words.format(Math.round(seconds), "second");
  if (distance < 3600) return words.format(Math.round(seconds / 60), "minute");
  if (distance < 86_400) return words.format(Math.round(seconds / 3600), "hour");
  if (distance < 30 * 86_400) return words.format(Math.round(seconds / 86_400), "day");
  return showDay(dayOf(instant));
}

export function showTime(instant: string): string {
  const { locale, timeZone } = reader();
  return new Intl.DateTimeFormat(locale, { timeStyle: "short", timeZone }).format(new Date(instant));
}

/** "Friday, 20 November", for the head of a day. */
export function showLongDay(day: string): string {
  const options: Intl.DateTimeFormatOptions = { weekday: "long", day: "numeric", month: "long", timeZone: "UTC" };
  const year = day.startsWith(today().slice(0, 4)) ? {} : { year: "numeric" as const };
  return new Intl.DateTimeFormat(reader().locale, { ...options, ...year }).format(new Date(`${day}T00:00:00Z`));
}

export function showNumber(value: number, maximumFractionDigits = 3): string {
  return new Intl.NumberFormat(reader().locale, { maximumFractionDigits }).format(value);
}

/** "1.2 MB". */
export function showBytes(bytes: number): string {
  const step = bytes === 0 ? 0 : Math.min(Math.floor(Math.log10(bytes) / 3), BYTE_UNITS.length - 1);
  const unit = BYTE_UNITS[step] ?? "byte";
  // The short form of bytes has no plural: "95 byte".
  const unitDisplay = unit === "byte" ? "long" : "short";
  const options = { style: "unit", unit, unitDisplay, maximumFractionDigits: 1 } as const;
  return new Intl.NumberFormat(reader().locale, options).format(bytes / 1000 ** step);
}

const BYTE_UNITS = ["byte", "kilobyte", "megabyte", "gigabyte"];

/** "2h 5m", from a minute on; what is shorter, in seconds. */
export function showDuration(seconds: number): string {
  const unit = (value: number, name: string) =>
    new Intl.NumberFormat(reader().locale, { style: "unit", unit: name, unitDisplay: "narrow" }).format(value);
  if (seconds < 60) return unit(Math.floor(seconds), "second");
  const hours = Math.floor(seconds / 3600);
  const minutes = Math.floor((seconds % 3600) / 60);
  return [hours > 0 ? unit(hours, "hour") : "", minutes > 0 || hours === 0 ? unit(minutes, "minute") : ""]
    .join(" ")
    .trim();
}

/** Days from one to another; negative when the second is earlier. */
export function daysBetween(from: string, to: string): number {
  return Math.round((Date.parse(to) - Date.parse(from)) / DAY_MS);
}

export function addDays(day: string, days: number): string {
  return new Date(Date.parse(day) + days * DAY_MS).toISOString().slice(0, 10);
}

/** The hour and minute of an instant for the reader, as 17:05. */
export function timeOf(instant: string): string {
  return new Intl.DateTimeFormat("sv", { timeStyle: "short", timeZone: reader().timeZone }).format(new Date(instant));
}

/** The instant at which it is that time of that day for the reader. */
export function instantOf(day: string, time: string): string {
  const wanted = Date.parse(`${day}T${time}Z`);
  let guess = wanted;
  // The offset is that of the instant which is looked for, so the second look is at most an hour from it.
  for (let look = 0; look < 2; look += 1) {
    const instant = new Date(guess).toISOString();
    guess += wanted - Date.parse(`${dayOf(instant)}T${timeOf(instant)}Z`);
  }
  return new Date(guess).toISOString();
}

/** 0 is Sunday. */
export function firstDayOfWeek(): 0 | 1 | 6 {
  const { locale } = reader();
  const region = new Intl.Locale(locale ?? navigator.language).maximize().region ?? "";
  if (SUNDAY_FIRST.has(region)) return 0;
  return SATURDAY_FIRST.has(region) ? 6 : 1;
}

// Not every browser tells where a week begins; of the regions that differ from Monday these have most people.
const SUNDAY_FIRST = new Set([
  "US",
  "CA",
  "MX",
  "BR",
  "JP",
  "KR",
  "IN",
  "IL",
  "TW",
  "HK",
  "PH",
  "TH",
  "ZA",
  "CO",
  "PE",
]);
const SATURDAY_FIRST = new Set(["EG", "AE", "DZ", "IQ", "JO", "KW", "LY", "OM", "QA", "SD", "SY"]);

function localeOf(name: string): string | undefined {
  try {
    return Intl.getCanonicalLocales(name.replace("_", "-"))[0];
  } catch {
    return undefined;
  }
}

/** "December 2026" of any day in it. */
export function showMonth(day: string): string {
  return new Intl.DateTimeFormat(reader().locale, { month: "long", year: "numeric", timeZone: "UTC" }).format(
    new Date(`${day}T00:00:00Z`),
  );
}

/** "Mon" of a day. */
export function showWeekday(day: string): string {
  return new Intl.DateTimeFormat(reader().locale, { weekday: "short", timeZone: "UTC" }).format(
    new Date(`${day}T00:00:00Z`),
  );
}
