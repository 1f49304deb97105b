import { expect, test } from "vitest";
import { isOn, PRESETS, toggled } from "./chips";

const preset = (key: string) => {
  const found = PRESETS.find((one) => one.key === key);
  if (found === undefined) {
    throw new Error(`no chip ${key}`);
  }
  return found;
};

test("a chip replaces what another chip set, and leaves search and department", () => {
  const change = toggled(preset("disabled"), { kind: "idle", min_idle_days: "90", q: "ann", department: "Sales" });
  expect(change).toEqual({ kind: "idle", justification: "", account: "disabled", min_idle_days: "" });
});

test("a chip that is on takes its filters away", () => {
  const values = { kind: "idle", min_idle_days: "90", q: "ann" };
  expect(isOn(preset("idle90"), values)).toBe(true);
  expect(toggled(preset("idle90"), values)).toEqual({ kind: "", justification: "", account: "", min_idle_days: "" });
});

test("no two chips are on at once", () => {
  for (const one of PRESETS) {
    expect(PRESETS.filter((other) => isOn(other, one.values)).map((other) => other.key)).toEqual([one.key]);
  }
});
