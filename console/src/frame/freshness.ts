import type { Source } from "../api/types";

/** Sources as the top bar says them: what is too old or failing first, then the oldest. */
export function bySourceUrgency(sources: Source[]): Source[] {
  const urgency = (source: Source) => (isTroubled(source) ? 0 : 1);
  return sources.toSorted((a, b) => urgency(a) - urgency(b) || (a.as_of ?? "").localeCompare(b.as_of ?? ""));
}

/** Whether findings that rest on it are held back. */
export function isTroubled(source: Source): boolean {
  return source.stale || source.problem !== null || source.as_of === null;
}
