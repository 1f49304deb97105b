import { describe, expect, test } from "vitest";
import { Problem } from "../api/problem";
import { typedNeed, whyNotYet } from "./confirm";

const values = { reason: "", until: "", typed: "" };

describe("a dangerous action", () => {
  test("waits for its reason", () => {
    expect(whyNotYet(values, { reason: true, typed: null })).toBe("reason");
    expect(whyNotYet({ ...values, reason: "   " }, { reason: true, typed: null })).toBe("reason");
    expect(whyNotYet({ ...values, reason: "on parental leave" }, { reason: true, typed: null })).toBeNull();
  });

  test("over the limit waits for its count", () => {
    expect(whyNotYet(values, { reason: false, typed: "14" })).toBe("typed");
    expect(whyNotYet({ ...values, typed: "41" }, { reason: false, typed: "14" })).toBe("typed");
    expect(whyNotYet({ ...values, typed: " 14 " }, { reason: false, typed: "14" })).toBeNull();
  });

  test("asks for the count that the server asks for", () => {
    const problem = new Problem({ title: "x", status: 422, code: "typed_count", expected: 12 });
    expect(typedNeed(null, problem)).toBe("12");
    expect(typedNeed("14", problem)).toBe("12");
    expect(typedNeed("14", null)).toBe("14");
    expect(typedNeed(null, new Problem({ title: "x", status: 409, code: "conflict" }))).toBeNull();
  });
});
