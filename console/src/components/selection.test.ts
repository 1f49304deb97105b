import { expect, test } from "vitest";
import { rangeBetween } from "./selection";

test("a range runs in both directions and includes its ends", () => {
  const keys = ["a", "b", "c", "d"];
  expect(rangeBetween(keys, "b", "d")).toEqual(["b", "c", "d"]);
  expect(rangeBetween(keys, "d", "b")).toEqual(["b", "c", "d"]);
});

test("a range from a row that is gone is only the row that was clicked", () => {
  expect(rangeBetween(["a", "b"], "x", "b")).toEqual(["b"]);
});
