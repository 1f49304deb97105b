/** What became of one of the chosen rows. */
export interface BulkResult {
  key: string;
  name: string;
  href: string | null;
  /** Where it stands now; null when nothing was done. */
  state: string | null;
  /** Why nothing was done. */
  problem: string | null;
}

/** Refused, stopped for a person, and done: a seat that now waits for a person is not called done. */
export function sortResults(results: readonly BulkResult[]) {
  const refused = results.filter((one) => one.problem !== null);
  const attention = results.filter((one) => one.problem === null && one.state === "attention_required");
  const done = results.filter((one) => one.problem === null && one.state !== "attention_required");
  return { refused, attention, done };
}
