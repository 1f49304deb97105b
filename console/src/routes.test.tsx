// @vitest-environment jsdom
import { QueryClientProvider } from "@tanstack/react-query";
import { createMemoryHistory, RouterProvider } from "@tanstack/react-router";
import { cleanup, render, screen } from "@testing-library/react";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { createQueryClient } from "./api/query-client";
import { createConsoleRouter } from "./routes";

/** Answers by path, as the server would; what is not named is refused as not signed in. */
function serverKnows(answers: Record<string, unknown>): void {
  vi.stubGlobal("fetch", async (request: Request) => {
    const path = new URL(request.url).pathname.replace("/api/v1", "");
    if (path in answers) {
      return Response.json(answers[path]);
    }
    const problem = { type: "about:blank", title: "Unauthorized", status: 401, code: "unauthenticated" };
    return Response.json(problem, { status: 401 });
  });
}

function openAt(address: string) {
  const router = createConsoleRouter(createMemoryHistory({ initialEntries: [address] }));
  render(
    <QueryClientProvider client={createQueryClient()}>
      <RouterProvider router={router} />
    </QueryClientProvider>,
  );
  return router;
}

beforeEach(() => vi.stubGlobal("scrollTo", () => undefined));

afterEach(() => {
  cleanup();
  vi.unstubAllGlobals();
});

const patience = { timeout: 15_000 };

test("nobody signed in comes to the sign-in page, which remembers where they wanted to go", async () => {
  serverKnows({ "/setup": { needs_bootstrap: false, demo: false, version: "1.2.3" } });
  const router = openAt("/trail?object_kind=candidate");
  expect(await screen.findByRole("heading", { name: "Sign in to Reseat" }, patience)).toBeTruthy();
  expect(router.state.location.search).toEqual({ next: "/trail?object_kind=candidate" });
}, 30_000);

test("an installation nobody can sign in to yet comes to its set-up", async () => {
  serverKnows({ "/setup": { needs_bootstrap: true, demo: false, version: "1.2.3" } });
  const router = openAt("/");
  expect(await screen.findByRole("heading", { name: "Set up Reseat" }, patience)).toBeTruthy();
  expect(router.state.location.pathname).toBe("/setup");
}, 30_000);
