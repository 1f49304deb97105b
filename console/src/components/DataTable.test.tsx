// @vitest-environment jsdom
import { createMemoryHistory, createRootRoute, createRouter, RouterProvider } from "@tanstack/react-router";
import { cleanup, fireEvent, render, screen } from "@testing-library/react";
import { type ReactNode, useState } from "react";
import { afterEach, expect, test, vi } from "vitest";
import type { ListState } from "../api/hooks/list";
import { Problem } from "../api/problem";
import { DataTable } from "./DataTable";

interface Row {
  id: string;
  name: string;
}

const ROWS: Row[] = ["Ada", "Bo", "Chiara", "Dmitri"].map((name, index) => ({ id: `p${index}`, name }));

function listOf(part: Partial<ListState<Row>> = {}): ListState<Row> {
  return {
    rows: ROWS,
    total: null,
    recoverable: null,
    loading: false,
    error: null,
    retry: () => undefined,
    hasMore: false,
    loadMore: () => undefined,
    loadingMore: false,
    ...part,
  };
}

/** Links need a router around them. */
async function show(content: ReactNode) {
  const root = createRootRoute({ component: () => content, notFoundComponent: () => content });
  const history = createMemoryHistory({ initialEntries: ["/"] });
  const router = createRouter({ routeTree: root, history });
  render(<RouterProvider router={router} />);
  await screen.findByTestId("shown");
  return router;
}

function People({ list, choosable = false }: { list: ListState<Row>; choosable?: boolean }) {
  const [chosen, onChange] = useState<ReadonlySet<string>>(new Set());
  return (
    <div data-testid="shown">
      <DataTable<Row>
        label="People"
        list={list}
        rowKey={(row) => row.id}
        rowName={(row) => row.name}
        rowHref={(row) => `/people/${row.id}`}
        empty={{ title: "Nobody is here yet", hint: "Start a sync." }}
        selection={choosable ? { chosen, onChange } : undefined}
        columns={[
          { key: "name", label: "Name", render: (row) => row.name, compare: (a, b) => a.name.localeCompare(b.name) },
        ]}
      />
      <output>{[...chosen].sort().join(" ")}</output>
    </div>
  );
}

afterEach(cleanup);

test("every row is a real link, and a click on the row goes where it goes", async () => {
  vi.stubGlobal("scrollTo", () => undefined);
  const router = await show(<People list={listOf()} />);
  expect(screen.getByRole("link", { name: "Bo" }).getAttribute("href")).toBe("/people/p1");
  fireEvent.click(screen.getByRole("row", { name: /Bo/ }));
  await vi.waitFor(() => expect(router.state.location.pathname).toBe("/people/p1"));
  vi.unstubAllGlobals();
});

test("arrow keys go from row to row", async () => {
  await show(<People list={listOf()} />);
  screen.getByRole("link", { name: "Ada" }).focus();
  fireEvent.keyDown(screen.getByRole("link", { name: "Ada" }), { key: "ArrowDown" });
  expect(document.activeElement).toBe(screen.getByRole("link", { name: "Bo" }));
});

test("shift chooses every row in between", async () => {
  await show(<People list={listOf()} choosable />);
  fireEvent.click(screen.getByRole("checkbox", { name: "Select Ada" }));
  fireEvent.click(screen.getByRole("checkbox", { name: "Select Chiara" }), { shiftKey: true });
  expect(screen.getByRole("status").textContent).toBe("p0 p1 p2");
});

test("all shown rows can be chosen at once and let go at once", async () => {
  await show(<People list={listOf()} choosable />);
  const all = screen.getByRole("checkbox", { name: "Select all shown rows" });
  fireEvent.click(all);
  expect(screen.getByRole("status").textContent).toBe("p0 p1 p2 p3");
  fireEvent.click(all);
  expect(screen.getByRole("status").textContent).toBe("");
});

test("rows are sorted only when all of them are here", async () => {
  await show(<People list={listOf({ hasMore: true })} />);
  expect(screen.queryByRole("button", { name: "Name" })).toBeNull();
  cleanup();
  await show(<People list={listOf()} />);
  const name = screen.getByRole("button", { name: "Name" });
  fireEvent.click(name);
  fireEvent.click(name);
  expect(screen.getAllByRole("link").map((link) => link.textContent)).toEqual(["Dmitri", "Chiara", "Bo", "Ada"]);
});

test("an empty list says what to do next", async () => {
  await show(<People list={listOf({ rows: [] })} />);
  expect(screen.getByText("Nobody is here yet")).toBeTruthy();
  expect(screen.getByText("Start a sync.")).toBeTruthy();
});

test("a list that could not be read says why, under which request, and can be asked again", async () => {
  const retry = vi.fn();
  const error = new Problem({
    title: "Service Unavailable",
    status: 503,
    code: "unavailable",
    detail: "The database does not answer.",
    remedy: "Wait a moment.",
    request_id: "req-7",
  });
  await show(<People list={listOf({ rows: [], error, retry })} />);
  const alert = screen.getByRole("alert");
  expect(alert.textContent).toContain("The database does not answer.");
  expect(alert.textContent).toContain("Wait a moment.");
  expect(alert.textContent).toContain("req-7");
  fireEvent.click(screen.getByRole("button", { name: "Try again" }));
  expect(retry).toHaveBeenCalledOnce();
});
