import { expect, test } from "vitest";
import type { Source } from "../api/types";
import { bySourceUrgency, isTroubled } from "./freshness";

const source = (name: string, rest: Partial<Source>): Source => ({
  source: name,
  label: name,
  as_of: "2026-11-22T10:00:00Z",
  rows: 1,
  problem: null,
  offered: true,
  limit_hours: 24,
  stale: false,
  ...rest,
});

test("what is too old, failing or never read comes first, then the oldest", () => {
  const sources = [
    source("people", { as_of: "2026-11-22T11:00:00Z" }),
    source("skus", { as_of: "2026-11-21T11:00:00Z" }),
    source("usage", { stale: true }),
    source("skype", { as_of: null, offered: false }),
    source("roster", { as_of: null }),
  ];
  expect(bySourceUrgency(sources).map((one) => one.source)).toEqual(["roster", "usage", "skus", "people", "skype"]);
});

test("a source that failed is trouble even while its last rows are fresh", () => {
  expect(isTroubled(source("people", { problem: "403" }))).toBe(true);
  expect(isTroubled(source("people", {}))).toBe(false);
  const absent = { problem: "Microsoft does not offer this report to this tenant", as_of: null, offered: false };
  expect(isTroubled(source("skype", absent))).toBe(false);
});
