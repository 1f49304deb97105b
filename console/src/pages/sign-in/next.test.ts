import { expect, test } from "vitest";
import { safeNext } from "./next";

test("after signing in people come to the page they wanted", () => {
  expect(safeNext("/candidates?state=ready")).toBe("/candidates?state=ready");
});

test("a link cannot lead to another site by way of signing in", () => {
  for (const next of [
    "//evil.example",
    "/\\evil.example",
    "https://evil.example",
    "javascript:alert(1)",
    "",
    undefined,
    7,
  ]) {
    expect(safeNext(next)).toBe("/");
  }
});
