// @vitest-environment jsdom
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { answerOf, http, idempotency, ifMatch, queryOf, rememberCsrfToken } from "./client";
import { Problem } from "./problem";

let asked: Request[] = [];

function serverAnswers(status: number, body: unknown, headers: Record<string, string> = {}): void {
  vi.stubGlobal("fetch", async (request: Request) => {
    asked.push(request);
    return new Response(body === null ? null : JSON.stringify(body), { status, headers });
  });
}

beforeEach(() => {
  asked = [];
  rememberCsrfToken("token-of-the-session");
});

afterEach(() => {
  vi.unstubAllGlobals();
  rememberCsrfToken(null);
});

describe("a call", () => {
  test("that changes something carries the session's token and the command's name", async () => {
    serverAnswers(200, { freeze: null });
    await answerOf(http.POST("/api/v1/freeze", { body: { reason: "stop" }, params: { header: idempotency("key-1") } }));
    expect(asked[0]?.headers.get("x-csrf-token")).toBe("token-of-the-session");
    expect(asked[0]?.headers.get("idempotency-key")).toBe("key-1");
    expect(await asked[0]?.json()).toEqual({ reason: "stop" });
  });

  test("that reads carries no token", async () => {
    serverAnswers(200, { freeze: null });
    await answerOf(http.GET("/api/v1/freeze"));
    expect(asked[0]?.headers.get("x-csrf-token")).toBeNull();
  });

  test("that edits names the version it was made on", async () => {
    serverAnswers(200, {});
    const path = { account_id: "a-1" };
    await answerOf(http.PATCH("/api/v1/accounts/{account_id}", { body: {}, params: { path, header: ifMatch(7) } }));
    expect(asked[0]?.headers.get("if-match")).toBe('"7"');
  });

  test("for a list repeats a filter with several values, and goes on from a cursor", async () => {
    serverAnswers(200, { items: [], next_cursor: null, total: 0 });
    const query = queryOf<"/api/v1/candidates">({ state: ["ready", "verifying"], q: "ann" }, "c 2");
    await answerOf(http.GET("/api/v1/candidates", { params: { query } }));
    const search = new URL(asked[0]?.url ?? "").searchParams;
    expect(search.getAll("state")).toEqual(["ready", "verifying"]);
    expect(search.get("q")).toBe("ann");
    expect(search.get("cursor")).toBe("c 2");
  });
});

describe("a call that fails", () => {
  test("rejects with what the server said", async () => {
    serverAnswers(423, { type: "about:blank", title: "Locked", status: 423, code: "frozen", request_id: "r-1" });
    const failed = answerOf(http.GET("/api/v1/overview"));
    await expect(failed).rejects.toMatchObject({ code: "frozen", requestId: "r-1" });
  });

  test("rejects as unreachable when nothing answers", async () => {
    vi.stubGlobal("fetch", async () => {
      throw new TypeError("failed to fetch");
    });
    const failed = answerOf(http.GET("/api/v1/overview"));
    await expect(failed).rejects.toBeInstanceOf(Problem);
    await expect(failed).rejects.toMatchObject({ code: "unreachable", status: 0 });
  });

  test("rejects when a success carries no data it can read", async () => {
    vi.stubGlobal("fetch", async () => new Response("<html>", { status: 200 }));
    await expect(answerOf(http.GET("/api/v1/overview"))).rejects.toBeInstanceOf(Problem);
  });
});
