/**
 * Numbers, money, dates and ages as people read them, all through `Intl`.
 * Unknown is "—", never 0. Nothing here reads the clock: `now` is what the server says it is,
 * since a demo's clock runs ahead of the browser's.
 */
import type { Amounts } from "./api/types";

export const UNKNOWN = "—";

const MINUTE = 60;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

export interface Money {
  currency: string;
  /** Decimal text as the server sent it. */
  amount: string;
}

/**
 * The amounts, largest first, so that the currency that matters most is read first.
 * A currency with nothing in it is left out beside one that has something.
 */
export function moneyOf(amounts: Amounts | null | undefined): Money[] {
  const all = Object.entries(amounts ?? {})
    .map(([currency, amount]) => ({ currency, amount }))
    .sort((a, b) => Number(b.amount) - Number(a.amount) || a.currency.localeCompare(b.currency));
  const some = all.filter((money) => Number(money.amount) !== 0);
  return some.length > 0 ? some : all.slice(0, 1);
}

/** Whether there is any money in it. */
export function isZero(amounts: Amounts | null | undefined): boolean {
  return moneyOf(amounts).every((money) => Number(money.amount) === 0);
}

/** `€1,234.50`; `short` leaves the minor unit out, for figures people compare. */
export function formatMoney(money: Money, locale?: string, short = false): string {
  const style = { style: "currency", currency: money.currency } as const;
  const format = new Intl.NumberFormat(locale, short ? { ...style, maximumFractionDigits: 0 } : style);
  // As text, since Intl takes decimals exactly and a float would not.
  return format.format(money.amount as Intl.StringNumericLiteral);
}

/** Every currency in its own words: `€1.00 · $2.00`. */
export function formatAmounts(amounts: Amounts | null | undefined, locale?: string, short = false): string {
  const money = moneyOf(amounts);
  return money.length === 0 ? UNKNOWN : money.map((one) => formatMoney(one, locale, short)).join(" · ");
}

export function formatCount(count: number | null | undefined, locale?: string): string {
  return count === null || count === undefined ? UNKNOWN : new Intl.NumberFormat(locale).format(count);
}

/** `12%` of a whole; unknown when there is no whole. */
export function formatShare(part: number, whole: number, locale?: string): string {
  return whole === 0
    ? UNKNOWN
    : new Intl.NumberFormat(locale, { style: "percent", maximumFractionDigits: 0 }).format(part / whole);
}

/** A plain date (`2026-07-02`) as `2 July 2026`, without a zone of its own. */
export function formatDay(day: string | null | undefined, locale?: string): string {
  if (!day) {
    return UNKNOWN;
  }
  const date = new Date(`${day.slice(0, 10)}T00:00:00Z`);
  return new Intl.DateTimeFormat(locale, { dateStyle: "medium", timeZone: "UTC" }).format(date);
}

/** A moment in the reader's zone, with the zone's name: what a title shows. */
export function formatMoment(at: string | null | undefined, locale?: string, timeZone?: string): string {
  if (!at) {
    return UNKNOWN;
  }
  return new Intl.DateTimeFormat(locale, {
    year: "numeric",
    month: "short",
    day: "numeric",
    hour: "2-digit",
    minute: "2-digit",
    second: "2-digit",
    timeZoneName: "short",
    timeZone,
  }).format(new Date(at));
}

/** A moment in the reader's zone to the minute, for a clock on a page. */
export function formatClock(at: string, locale?: string, timeZone?: string): string {
  return new Intl.DateTimeFormat(locale, { dateStyle: "medium", timeStyle: "short", timeZone }).format(new Date(at));
}

/** How long ago, or until when: `3 minutes ago`, `in 2 days`, `yesterday`. */
export function formatAge(at: string | null | undefined, now: Date, locale?: string): string {
  if (!at) {
    return UNKNOWN;
  }
  const seconds = (new Date(at).getTime() - now.getTime()) / 1000;
  const far = Math.abs(seconds);
  if (far < 45) {
    return new Intl.RelativeTimeFormat(locale, { numeric: "auto" }).format(0, "second");
  }
  const format = new Intl.RelativeTimeFormat(locale, { numeric: "auto" });
  if (far < 50 * MINUTE) {
    return format.format(Math.round(seconds / MINUTE), "minute");
  }
  if (far < 22 * HOUR) {
    return format.format(Math.round(seconds / HOUR), "hour");
  }
  return format.format(Math.round(seconds / DAY), "day");
}

/** Whole UTC days between a plain date and now. */
export function daysSince(day: string, now: Date): number {
  const then = Date.parse(`${day.slice(0, 10)}T00:00:00Z`);
  const today = Date.parse(`${now.toISOString().slice(0, 10)}T00:00:00Z`);
  return Math.round((today - then) / (DAY * 1000));
}

/** `143 days ago`, `today`, for a plain date. */
export function formatDayAge(day: string | null | undefined, now: Date, locale?: string): string {
  if (!day) {
    return UNKNOWN;
  }
  return new Intl.RelativeTimeFormat(locale, { numeric: "auto" }).format(-daysSince(day, now), "day");
}

/** A span a schedule repeats in: `15 minutes`, `6 hours`, `1 day`. */
export function formatSpan(seconds: number | null | undefined, locale?: string): string {
  if (seconds === null || seconds === undefined) {
    return UNKNOWN;
  }
  const unit = (value: number, name: string) =>
    new Intl.NumberFormat(locale, { style: "unit", unit: name, unitDisplay: "long", maximumFractionDigits: 1 }).format(
      value,
    );
  if (seconds < MINUTE) {
    return unit(seconds, "second");
  }
  if (seconds < HOUR) {
    return unit(seconds / MINUTE, "minute");
  }
  return seconds < 2 * DAY && seconds % DAY !== 0 ? unit(seconds / HOUR, "hour") : unit(seconds / DAY, "day");
}

/** `2.5 GB`: decimal units, as Microsoft's admin centers count them. */
export function formatBytes(bytes: number, locale?: string): string {
  const units = ["byte", "kilobyte", "megabyte", "gigabyte", "terabyte"];
  const step = Math.min(Math.floor(Math.log10(Math.max(bytes, 1)) / 3), units.length - 1);
  const format = { style: "unit", unit: units[step], maximumFractionDigits: 1 } as const;
  return new Intl.NumberFormat(locale, format).format(bytes / 1000 ** step);
}
