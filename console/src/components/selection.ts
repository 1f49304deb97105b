import { useEffect, useState } from "react";
import type { Selection } from "./DataTable";

/** The keys from one to the other, both included, in the order of the list. */
export function rangeBetween(keys: readonly string[], from: string, to: string): string[] {
  const a = keys.indexOf(from);
  const b = keys.indexOf(to);
  return a === -1 || b === -1 ? [to] : keys.slice(Math.min(a, b), Math.max(a, b) + 1);
}

/** The chosen rows of one table. */
export function useSelection(): Selection & { clear: () => void } {
  const [chosen, onChange] = useState<ReadonlySet<string>>(new Set());
  return { chosen, onChange, clear: () => onChange(new Set()) };
}

/** What was chosen under other filters is no longer seen, so it is no longer chosen. */
export function useClearedWith(filters: string, clear: () => void) {
  // biome-ignore lint/correctness/useExhaustiveDependencies: the filters are what it waits for
  useEffect(clear, [filters]);
}
