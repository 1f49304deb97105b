import type { Problem } from "../api/problem";

export interface ConfirmValues {
  reason: string;
  /** A plain date, or empty. */
  until: string;
  typed: string;
}

export interface ConfirmNeeds {
  /** Whether a reason has to be given. */
  reason: boolean;
  /** What has to be typed, when something has. */
  typed: string | null;
}

/** What keeps the dialog from being confirmed, if anything: shown at its field. */
export function whyNotYet(values: ConfirmValues, needs: ConfirmNeeds): "reason" | "typed" | null {
  if (needs.reason && values.reason.trim() === "") {
    return "reason";
  }
  if (needs.typed !== null && values.typed.trim().toLowerCase() !== needs.typed.toLowerCase()) {
    return "typed";
  }
  return null;
}

/** The server may know of a typed count that the page did not: what it asks for counts. */
export function typedNeed(page: string | null, problem: Problem | null): string | null {
  return problem?.code === "typed_count" && problem.expected !== null ? problem.expected : page;
}
