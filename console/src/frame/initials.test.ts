import { expect, test } from "vitest";
import { initialsOf } from "./initials";

test("a name is known by its first and its last word", () => {
  expect(initialsOf("Emma van den Berg")).toBe("EB");
  expect(initialsOf("license-manager")).toBe("LM");
  expect(initialsOf("  åsa ")).toBe("Å");
  expect(initialsOf("")).toBe("");
});
