import type { Candidate, CandidateStateName } from "../../api/types";
import { text } from "../../text";

/** How many of the chosen stand where, the most first: `9 Ready, 2 Waiting for an approver`. */
export function statesOf(candidates: readonly Pick<Candidate, "state" | "state_label">[]): string {
  const counts = new Map<string, number>();
  for (const { state_label } of candidates) {
    counts.set(state_label, (counts.get(state_label) ?? 0) + 1);
  }
  return [...counts]
    .sort((a, b) => b[1] - a[1] || a[0].localeCompare(b[0]))
    .map(([label, count]) => `${count.toLocaleString()} ${label}`)
    .join(", ");
}

export interface StateChip {
  key: string;
  label: string;
  states: CandidateStateName[];
  count: number | null;
}

/** The states somebody is in, with how many, and any that the address names even if nobody is. */
export function stateChips(
  counts: Readonly<Record<string, number>>,
  chosen: readonly string[],
  decides: boolean,
): StateChip[] {
  const words = text.candidates.filters;
  const states = Object.keys(text.common.states) as CandidateStateName[];
  const chips = states
    .filter((state) => (counts[state] ?? 0) > 0 || chosen.includes(state))
    .map((state) => ({
      key: state,
      label: text.common.states[state] ?? state,
      states: [state],
      count: counts[state] ?? null,
    }));
  const all: StateChip = { key: "all", label: words.all, states: [], count: null };
  if (!decides) {
    return [all, ...chips];
  }
  // For who decides, what waits for a decision comes first, in their words.
  const mine: StateChip = {
    key: "mine",
    label: words.mine,
    states: ["awaiting_approval"],
    count: counts.awaiting_approval ?? null,
  };
  return [mine, all, ...chips.filter((chip) => chip.key !== "awaiting_approval")];
}

/** Whether exactly these states are what the address asks for. */
export function isChosen(chip: StateChip, chosen: readonly string[]): boolean {
  return chip.states.length === chosen.length && chip.states.every((state) => chosen.includes(state));
}
