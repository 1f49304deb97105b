import { expect, test } from "vitest";
import { endOfDay } from "./day";

test("a token whose last day is chosen works through that day", () => {
  expect(endOfDay("2026-12-31")).toBe("2027-01-01T00:00:00.000Z");
});
