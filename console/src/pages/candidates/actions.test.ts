import { describe, expect, test } from "vitest";
import type { ActionName } from "../../api/hooks/candidates";
import type { AllowedAction, SeatPath } from "../../api/types";
import { actionDialog, arrangeActions } from "./actions";

const STATE = "Not possible where this candidate stands.";

function action(name: ActionName, whyNot: string | null): AllowedAction {
  return { action: name, label: name, allowed: whyNot === null, why_not: whyNot };
}

const direct: SeatPath = {
  via: "direct",
  group_id: null,
  group_name: null,
  group_kind: null,
  disabled_plans: [],
  last_updated: null,
};

const about = {
  number: 7,
  person: {
    user_id: "u",
    display_name: "Nils Adeyemi",
    user_principal_name: "nils@contoso.example",
    department: null,
    account_enabled: true,
  },
  sku: { sku_id: "s", name: "Power BI Pro", part_number: "POWER_BI_PRO" },
  paths: [direct],
  will_stay: [{ sku_id: "f", name: "Microsoft 365 F3", part_number: "SPE_F1" }],
  annual_savings: { USD: "168.00" },
};

describe("the actions of a candidate", () => {
  test("show what can be done, and a refused one with its own reason beside it", () => {
    const arranged = arrangeActions([
      action("start", STATE),
      action("notify", STATE),
      action("approve", "Needs the Approver role."),
      action("keep", null),
      action("restore", STATE),
    ]);
    expect(arranged.now.map((one) => one.action)).toEqual(["keep"]);
    expect(arranged.refused.map((one) => one.action)).toEqual(["approve"]);
    expect(arranged.rest.map((one) => one.action)).toEqual(["start", "notify", "restore"]);
  });

  test("hide no reason when each is refused for another", () => {
    const arranged = arrangeActions([action("start", "one"), action("approve", "two")]);
    expect(arranged.refused).toHaveLength(2);
    expect(arranged.rest).toEqual([]);
  });
});

describe("the question before an action", () => {
  test("a proposal says who decides next, what stays, and what it saves", () => {
    const dialog = actionDialog("start", about, false);
    expect(dialog.title).toBe("Reclaim Power BI Pro from Nils Adeyemi?");
    expect(dialog.danger).toBe(true);
    expect(dialog.lines.join(" ")).toContain("An approver is asked next.");
    expect(dialog.lines).toContain("Not touched: Microsoft 365 F3.");
    expect(dialog.lines).toContain("Saves $168.00 per year.");
  });

  test("one who may decide is told that it is approved at once", () => {
    expect(actionDialog("start", about, true).lines.join(" ")).toContain("approved at once");
  });

  test("a seat held through a group promises no removal", () => {
    const grouped = { ...about, paths: [direct, { ...direct, via: "group" as const, group_name: "LIC-BI" }] };
    const words = actionDialog("start", grouped, true).lines.join(" ");
    expect(words).toContain("Group LIC-BI");
    expect(words).toContain("nothing is written");
    expect(words).not.toContain("approved at once");
  });

  test("keeping and skipping ask why, completing asks what was done", () => {
    expect(actionDialog("keep", about, false)).toMatchObject({ words: "reason", wordsRequired: true, asksUntil: true });
    expect(actionDialog("skip", about, false)).toMatchObject({ words: "reason", wordsRequired: true });
    expect(actionDialog("complete", about, false)).toMatchObject({ words: "note", wordsRequired: true });
  });

  test("restoring names the license and the service plans that stay off", () => {
    const off = { ...about, paths: [{ ...direct, disabled_plans: ["plan-1", "plan-2"] }] };
    const words = actionDialog("restore", off, false).lines.join(" ");
    expect(words).toContain("gets Power BI Pro back");
    expect(words).toContain("plan-1, plan-2");
    expect(actionDialog("restore", about, false).danger).toBe(false);
  });
});
