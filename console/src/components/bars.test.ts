import { expect, test } from "vitest";
import { type Bar, barGroups, unknownBars } from "./bars";

const bars: Bar[] = [
  { key: "e3", label: "E3", amounts: { EUR: "100.00" } },
  { key: "e5", label: "E5", amounts: { EUR: "400.00", USD: "50.00" } },
  { key: "visio", label: "Visio", amounts: null },
];

test("bars of different currencies are never compared", () => {
  const groups = barGroups(bars);
  expect(groups.map((group) => group.currency)).toEqual(["EUR", "USD"]);
  expect(groups[0]?.bars.map((one) => [one.bar.key, one.share])).toEqual([
    ["e5", 1],
    ["e3", 0.25],
  ]);
  expect(groups[1]?.bars.map((one) => [one.bar.key, one.share])).toEqual([["e5", 1]]);
});

test("a bar without a price is named, not drawn as zero", () => {
  expect(unknownBars(bars).map((bar) => bar.key)).toEqual(["visio"]);
});
