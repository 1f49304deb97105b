import type { Amounts, Seat } from "../../api/types";
import { formatAmounts, moneyOf } from "../../format";
import { text } from "../../text";

/** What is asked of a seat to choose it and to talk about it: a list's row and a seat's own page both have it. */
export type Chosen = Pick<Seat, "seat_id" | "person" | "sku" | "paths" | "annual_cost" | "candidate"> & {
  finding: Pick<NonNullable<Seat["finding"]>, "kind"> | null;
};

/** Over how many rows the count has to be typed; the server asks for it too, and earlier for large license types. */
const TYPED_OVER = 10;

/** What has to be typed to go on with so many, if anything. */
export function typedOver(count: number): string | null {
  return count > TYPED_OVER ? String(count) : null;
}

/** A seat that a rule found and that no candidate is already on its way for: only those can be chosen. */
export function canChoose(seat: Pick<Chosen, "finding" | "candidate">): boolean {
  const found = seat.finding?.kind === "idle" || seat.finding?.kind === "needs_person";
  return found && (seat.candidate === null || seat.candidate.state === "ready");
}

const SCALE = 6;
const UNIT = 10n ** BigInt(SCALE);

/** The sum by currency, exactly; what has no price adds nothing. */
export function addAmounts(all: readonly (Amounts | null)[]): Amounts {
  const sums = new Map<string, bigint>();
  for (const { currency, amount } of all.flatMap(moneyOf)) {
    sums.set(currency, (sums.get(currency) ?? 0n) + toUnits(amount));
  }
  return Object.fromEntries([...sums].map(([currency, units]) => [currency, fromUnits(units)]));
}

function toUnits(amount: string): bigint {
  const negative = amount.startsWith("-");
  const [whole = "0", part = ""] = amount.replace("-", "").split(".");
  const units = BigInt(whole) * UNIT + BigInt(part.padEnd(SCALE, "0").slice(0, SCALE));
  return negative ? -units : units;
}

function fromUnits(units: bigint): string {
  const size = units < 0n ? -units : units;
  const part = (size % UNIT).toString().padStart(SCALE, "0").replace(/0+$/, "").padEnd(2, "0");
  return `${units < 0n ? "-" : ""}${size / UNIT}.${part}`;
}

export interface Caller {
  /** May approve. */
  decides: boolean;
  /** The tenant lets one person propose and approve. */
  singleOperator: boolean;
}

/** What the dialog says before candidates are opened or seats reclaimed: how many, of whom, what happens, what not. */
export function choiceLines(step: "open" | "reclaim", seats: readonly Chosen[], caller: Caller): string[] {
  const words = text.seats.dialog;
  const people = new Set(seats.map((seat) => seat.person.user_id)).size;
  const byPerson = seats.filter((seat) => seat.finding?.kind === "needs_person").length;
  const lines = [words.whose(seats.length, people)];
  if (step === "open") {
    lines.push(words.openNext);
  } else {
    const grouped = seats.filter((seat) => seat.paths.some((path) => path.via === "group")).length;
    lines.push(nextLine(seats.length, caller));
    if (grouped > 0) {
      lines.push(words.viaGroup(grouped));
    }
  }
  if (byPerson > 0) {
    lines.push(words.needsPerson(byPerson));
  }
  if (step === "reclaim") {
    lines.push(words.checked, words.untouched, words.back);
  }
  return [...lines, ...moneyLines(seats)];
}

/** The same order as the server's: one operator decides everything, many at once are decided by somebody else. */
function nextLine(count: number, caller: Caller): string {
  const words = text.seats.dialog;
  if (caller.singleOperator) {
    return words.oneStep;
  }
  if (!caller.decides) {
    return words.twoSteps;
  }
  return typedOver(count) === null ? words.oneStep : `${words.bulk} ${words.twoSteps}`;
}

function moneyLines(seats: readonly Chosen[]): string[] {
  const words = text.seats.dialog;
  const amounts = addAmounts(seats.map((seat) => seat.annual_cost));
  const unpriced = seats.filter((seat) => moneyOf(seat.annual_cost).length === 0).length;
  return [
    ...(moneyOf(amounts).length > 0 ? [words.worth(formatAmounts(amounts))] : []),
    ...(unpriced > 0 ? [words.unpriced(unpriced)] : []),
  ];
}
