import type { Source } from "../api/types";

/** Sources as the top bar says them: what is too old or failing first, then the oldest; last what is not offered. */
export function bySourceUrgency(sources: Source[]): Source[] {
  const urgency = (source: Source) => (isTroubled(source) ? 0 : source.offered ? 1 : 2);
  return sources.toSorted((a, b) => urgency(a) - urgency(b) || (a.as_of ?? "").localeCompare(b.as_of ?? ""));
}

/** Whether somebody should look. What Microsoft does not offer to a tenant was never there to fail. */
export function isTroubled(source: Source): boolean {
  return source.offered && (source.stale || source.problem !== null || source.as_of === null);
}
