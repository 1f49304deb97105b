import { describe, expect, test } from "vitest";
import type { SeatPath } from "../../api/types";
import { addAmounts, type Chosen, canChoose, choiceLines, typedOver } from "./choice";

const path: SeatPath = {
  via: "direct",
  group_id: null,
  group_name: null,
  group_kind: null,
  disabled_plans: [],
  last_updated: null,
};

function seat(user: string, change: Partial<Chosen> = {}): Chosen {
  return {
    seat_id: `${user}_s`,
    person: {
      user_id: user,
      display_name: user,
      user_principal_name: `${user}@contoso.example`,
      department: null,
      account_enabled: true,
    },
    sku: { sku_id: "s", name: "Power BI Pro", part_number: "POWER_BI_PRO" },
    paths: [path],
    annual_cost: { USD: "168.00" },
    candidate: null,
    finding: { kind: "idle" },
    ...change,
  };
}

const manager = { decides: false, singleOperator: false };
const decider = { decides: true, singleOperator: false };

describe("which seats can be chosen", () => {
  test("those that are idle or need a person, and none that is in use or lacks evidence", () => {
    const can = (kind: NonNullable<Chosen["finding"]>["kind"]) => canChoose(seat("a", { finding: { kind } }));
    expect([can("idle"), can("needs_person"), can("in_use"), can("insufficient_evidence")]).toEqual([
      true,
      true,
      false,
      false,
    ]);
    expect(canChoose(seat("a", { finding: null }))).toBe(false);
  });

  test("none whose candidate is already on its way", () => {
    const candidate = { candidate_id: "c", number: 1, state_label: "" };
    expect(canChoose(seat("a", { candidate: { ...candidate, state: "ready" } }))).toBe(true);
    expect(canChoose(seat("a", { candidate: { ...candidate, state: "awaiting_approval" } }))).toBe(false);
  });
});

describe("sums", () => {
  test("are exact and never mix currencies", () => {
    expect(addAmounts([{ USD: "0.10" }, { USD: "0.20", EUR: "1.5" }, null, {}])).toEqual({ USD: "0.30", EUR: "1.50" });
    expect(addAmounts([{ USD: "9007199254740993.01" }, { USD: "0.000001" }])).toEqual({
      USD: "9007199254740993.010001",
    });
  });
});

test("more than ten have to be typed", () => {
  expect([typedOver(10), typedOver(11)]).toEqual([null, "11"]);
});

describe("the question before reclaiming", () => {
  test("counts seats and people, and says who decides", () => {
    const lines = choiceLines("reclaim", [seat("a"), seat("a"), seat("b")], manager);
    expect(lines[0]).toBe("3 seats of 2 people.");
    expect(lines).toContain("An approver is asked next. Nothing is removed before somebody says so.");
    expect(lines).toContain("Together $504.00 per year.");
  });

  test("is approved at once for who decides, but not for many at once", () => {
    const many = Array.from({ length: 11 }, (_, index) => seat(`p${index}`));
    expect(choiceLines("reclaim", [seat("a")], decider).join(" ")).toContain("approved at once");
    expect(choiceLines("reclaim", many, decider).join(" ")).not.toContain("approved at once");
    expect(choiceLines("reclaim", many, { decides: true, singleOperator: true }).join(" ")).toContain(
      "approved at once",
    );
  });

  test("says which are held through a group, which need judging, and which have no price", () => {
    const group: SeatPath = { ...path, via: "group", group_name: "LIC-E3" };
    const words = choiceLines(
      "reclaim",
      [
        seat("a", { paths: [path, group] }),
        seat("b", { finding: { kind: "needs_person" } }),
        seat("c", { annual_cost: null }),
      ],
      manager,
    ).join(" ");
    expect(words).toContain("1 seat is held through a group");
    expect(words).toContain("For 1 seat the evidence alone is not enough");
    expect(words).toContain("1 seat without a price not counted.");
  });

  test("opening promises that nothing is proposed", () => {
    const words = choiceLines("open", [seat("a")], manager).join(" ");
    expect(words).toContain("Nothing is proposed and nothing is removed.");
    expect(words).not.toContain("An approver is asked next");
  });
});
