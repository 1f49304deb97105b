import type { ChangeWindow } from "../../api/types";
import { text } from "../../text";

export const DAYS = ["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"];

/** A window in the form; its key stays while others come and go. */
export interface WindowDraft extends ChangeWindow {
  key: number;
}

/** Nights of working days: when nobody is interrupted. */
export const USUAL: ChangeWindow = { days: DAYS.slice(0, 5), from: "20:00", until: "06:00" };

/** Whether a window says enough to be saved; what it means is the server's to judge. */
export function isWhole({ days, from, until }: ChangeWindow): boolean {
  return days.length > 0 && from !== "" && until !== "";
}

/** With a day, or without it; always in the order of the week. */
export function withDay(days: string[], day: string, on: boolean): string[] {
  return DAYS.filter((one) => (one === day ? on : days.includes(one)));
}

/** "Mon to Fri" for days in a row, else each of them. */
export function daysText(days: string[]): string {
  const names = DAYS.filter((day) => days.includes(day));
  const word = (day: string | undefined) => text.writes.weekdays[day ?? ""] ?? day ?? "";
  const first = DAYS.indexOf(names[0] ?? "");
  const inARow = names.length > 2 && names.every((day, index) => DAYS.indexOf(day) === first + index);
  return inARow ? text.writes.dayRange(word(names[0]), word(names.at(-1))) : names.map(word).join(", ");
}
