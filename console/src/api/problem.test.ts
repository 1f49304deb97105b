import { describe, expect, test } from "vitest";
import { asProblem, isWorthRetrying, Problem, problemOf } from "./problem";

describe("a refused call", () => {
  test("keeps the code, the remedy and the request id of the server's problem", () => {
    const problem = problemOf(
      423,
      {
        type: "about:blank",
        title: "Writing is frozen",
        status: 423,
        detail: "Nothing new starts until it is thawed.",
        code: "frozen",
        remedy: "Ask two people to thaw.",
        request_id: "req-1",
      },
      "req-header",
    );
    expect(problem).toBeInstanceOf(Problem);
    expect(problem.code).toBe("frozen");
    expect(problem.remedy).toBe("Ask two people to thaw.");
    expect(problem.requestId).toBe("req-1");
    expect(problem.message).toBe("Nothing new starts until it is thawed.");
  });

  test("takes the request id from the header when the body has none", () => {
    expect(problemOf(500, { title: "x", status: 500, code: "internal" }, "req-header").requestId).toBe("req-header");
  });

  test("says which count has to be typed", () => {
    expect(problemOf(422, { title: "x", status: 422, code: "typed_count", expected: 14 }, null).expected).toBe("14");
  });

  test("is still a problem when a proxy answered with a page", () => {
    const problem = problemOf(502, "<html>", "req-9");
    expect(problem.code).toBe("unexpected");
    expect(problem.title).toBe("The answer was HTTP 502");
    expect(problem.requestId).toBe("req-9");
  });
});

describe("asking again", () => {
  test("helps when the server was away or busy", () => {
    expect(isWorthRetrying(problemOf(503, null, null))).toBe(true);
    expect(isWorthRetrying(problemOf(429, null, null))).toBe(true);
    expect(isWorthRetrying(new Problem({ title: "x", status: 0, code: "unreachable" }))).toBe(true);
  });

  test("does not help when the request was refused", () => {
    expect(isWorthRetrying(problemOf(403, null, null))).toBe(false);
    expect(isWorthRetrying(asProblem(new TypeError("a bug in a page")))).toBe(false);
  });
});
