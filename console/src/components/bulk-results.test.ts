import { expect, test } from "vitest";
import { text } from "../text";
import { type BulkResult, sortResults } from "./bulk-results";

const result = (key: string, state: string | null, problem: string | null = null): BulkResult => ({
  key,
  name: key,
  href: null,
  state,
  problem,
});

test("what stopped for a person is neither done nor refused", () => {
  const sorted = sortResults([
    result("a", "awaiting_approval"),
    result("b", "attention_required"),
    result("c", null, "This license is in use."),
    result("d", "ready", "Nobody decides about their own license."),
  ]);
  expect(sorted.done.map((one) => one.key)).toEqual(["a"]);
  expect(sorted.attention.map((one) => one.key)).toEqual(["b"]);
  expect(sorted.refused.map((one) => one.key)).toEqual(["c", "d"]);
});

test("the summary leaves out what did not happen", () => {
  expect(text.candidates.results.summary(9, 3, 1)).toBe("9 done, 3 stopped, since a person is needed first, 1 refused");
  expect(text.candidates.results.summary(2, 0, 0)).toBe("2 done");
});
