import type { ActionName } from "../../api/hooks/candidates";
import type { AllowedAction, CandidateDetail } from "../../api/types";
import { formatAmounts, moneyOf } from "../../format";
import { text } from "../../text";

export interface ArrangedActions {
  now: AllowedAction[];
  /** Not possible for whoever looks, for a reason worth a button that says it. */
  refused: AllowedAction[];
  /** Not possible for the reason most share: where the candidate stands. Said once. */
  rest: AllowedAction[];
}

/** The server's answers in the order of their use; what most of them are refused for is said once, not nine times. */
export function arrangeActions(actions: readonly AllowedAction[]): ArrangedActions {
  const not = actions.filter((action) => !action.allowed);
  const counts = new Map<string, number>();
  for (const { why_not } of not) {
    counts.set(why_not ?? "", (counts.get(why_not ?? "") ?? 0) + 1);
  }
  const [common, count] = [...counts].sort((a, b) => b[1] - a[1])[0] ?? ["", 0];
  const isCommon = (action: AllowedAction) => count > 1 && (action.why_not ?? "") === common;
  return {
    now: actions.filter((action) => action.allowed),
    refused: not.filter((action) => !isCommon(action)),
    rest: not.filter(isCommon),
  };
}

/** What a dialog says and asks before one action on one candidate. */
export interface ActionDialog {
  title: string;
  lines: string[];
  danger: boolean;
  /** Which member of the request the text goes to; none when no words are asked for. */
  words: "reason" | "note" | null;
  wordsLabel?: string;
  wordsRequired: boolean;
  asksUntil: boolean;
}

type About = Pick<CandidateDetail, "number" | "person" | "sku" | "paths" | "will_stay" | "annual_savings">;

/** `oneStep`: whoever looks may propose and decide in one step. */
export function actionDialog(action: ActionName, about: About, oneStep: boolean): ActionDialog {
  const words = text.candidates.dialogs;
  const sku = about.sku.name;
  const person = about.person.display_name;
  const plain = { danger: false, words: null, wordsRequired: false, asksUntil: false } as const;
  switch (action) {
    case "start":
      return {
        ...plain,
        title: words.start.title(sku, person),
        danger: true,
        lines: isDirect(about)
          ? [words.start.direct(sku, person), oneStep ? words.oneStep : words.twoSteps, ...removalLines(about)]
          : [words.start.group(groupsOf(about))],
      };
    case "approve":
      return {
        ...plain,
        title: words.approve.title(sku, person),
        danger: true,
        lines: [words.start.direct(sku, person), ...removalLines(about)],
      };
    case "keep":
      return {
        ...plain,
        title: words.keep.title(sku, person),
        lines: [words.keep.what],
        words: "reason",
        wordsRequired: true,
        asksUntil: true,
      };
    case "release":
      return { ...plain, title: words.release.title(sku), lines: [words.release.what] };
    case "notify":
      return { ...plain, title: words.notify.title(person), lines: [words.notify.what] };
    case "skip":
      return {
        ...plain,
        title: words.skip.title(about.number),
        lines: [words.skip.what],
        words: "reason",
        wordsRequired: true,
      };
    case "complete":
      return {
        ...plain,
        title: words.complete.title(about.number),
        lines: [words.complete.what],
        words: "note",
        wordsLabel: words.complete.note,
        wordsRequired: true,
      };
    case "retry":
      return { ...plain, title: words.retry.title(about.number), lines: [words.retry.what] };
    case "restore":
      return {
        ...plain,
        title: words.restore.title(sku, person),
        lines: [words.restore.what(sku, person), plansLine(about), words.restore.free, staysLine(about)],
      };
  }
}

function removalLines(about: About): string[] {
  const words = text.candidates.dialogs;
  const saves = moneyOf(about.annual_savings).length > 0 ? [words.saves(formatAmounts(about.annual_savings))] : [];
  return [words.checked, staysLine(about), words.back, ...saves];
}

function staysLine(about: About): string {
  const words = text.candidates.dialogs;
  const names = about.will_stay.map((sku) => sku.name).join(", ");
  return names === "" ? words.staysNothing : words.stays(names);
}

function plansLine(about: About): string {
  const words = text.candidates.dialogs.restore;
  const plans = about.paths.filter((path) => path.via === "direct").flatMap((path) => path.disabled_plans);
  return plans.length === 0 ? words.plans : words.plansKnown(plans.join(", "));
}

/** Whether a direct removal could free the seat, as far as the page knows; the server looks again. */
export function isDirect(seat: Pick<CandidateDetail, "paths">): boolean {
  return seat.paths.every((path) => path.via === "direct");
}

export function groupsOf(seat: Pick<CandidateDetail, "paths">): string {
  return seat.paths
    .filter((path) => path.via === "group")
    .map((path) => text.candidates.about.group(path.group_name ?? path.group_id ?? ""))
    .join(", ");
}
