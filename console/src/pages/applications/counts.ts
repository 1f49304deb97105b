import { formatCount } from "../../format";

/** What a run counted, in a line: "people 2,000 · new 3"; nothing when it counted nothing. */
export function countsText(counts: Record<string, number>, locale?: string): string {
  return Object.entries(counts)
    .map(([name, count]) => `${name.replaceAll("_", " ")} ${formatCount(count, locale)}`)
    .join(" · ");
}

/** How long a run took, in seconds; unknown while it runs. */
export function secondsTaken(run: { started_at: string | null; finished_at: string | null }): number | null {
  if (run.started_at === null || run.finished_at === null) {
    return null;
  }
  return Math.max(0, Math.round((Date.parse(run.finished_at) - Date.parse(run.started_at)) / 1000));
}
