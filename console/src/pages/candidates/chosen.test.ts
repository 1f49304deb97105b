import { describe, expect, test } from "vitest";
import { isChosen, stateChips, statesOf } from "./chosen";

describe("the state chips", () => {
  test("name the states somebody is in, and one the address asks for though nobody is", () => {
    const chips = stateChips({ ready: 4, closed_complete: 0, revoking: 0 }, ["closed_complete"], false);
    expect(chips.map((chip) => chip.key)).toEqual(["all", "ready", "closed_complete"]);
  });

  test("put what waits for a decision first for those who decide, once", () => {
    const chips = stateChips({ ready: 4, awaiting_approval: 2 }, [], true);
    expect(chips.map((chip) => [chip.key, chip.count])).toEqual([
      ["mine", 2],
      ["all", null],
      ["ready", 4],
    ]);
  });

  test("are on only for exactly what the address says", () => {
    const [mine, all] = stateChips({ awaiting_approval: 2 }, [], true);
    expect(mine && isChosen(mine, ["awaiting_approval"])).toBe(true);
    expect(mine && isChosen(mine, ["awaiting_approval", "ready"])).toBe(false);
    expect(all && isChosen(all, [])).toBe(true);
  });
});

test("the chosen are counted by where they stand, the most first", () => {
  const ready = { state: "ready" as const, state_label: "Ready" };
  const waiting = { state: "awaiting_approval" as const, state_label: "Waiting for an approver" };
  expect(statesOf([waiting, ready, ready])).toBe("2 Ready, 1 Waiting for an approver");
});
