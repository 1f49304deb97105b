import { describe, expect, test } from "vitest";
import { paths, withQuery } from "./paths";

describe("the console's addresses", () => {
  test("stay what people have bookmarked", () => {
    const all = {
      overview: paths.overview(),
      signIn: paths.signIn(),
      signInNext: paths.signIn("/candidates?state=ready"),
      setup: paths.setup(),
      skus: paths.skus(),
      sku: paths.sku("sku-1"),
      skuFiltered: paths.sku("sku-1", { kind: "idle", min_idle_days: 90 }),
      seats: paths.seats({ justification: "inactive" }),
      seat: paths.seat("u-1_sku-1"),
      candidates: paths.candidates(),
      candidatesFiltered: paths.candidates({ state: ["ready", "awaiting_approval"], assigned: "me" }),
      candidate: paths.candidate("c-1"),
      people: paths.people({ q: "ann o'neil", account: "disabled" }),
      person: paths.person("u/1"),
      trail: paths.trail({ object_kind: "candidate", object_id: "c-1" }),
      trailEntry: paths.trailEntry("25eaee60-c763-4efd-8602-26f6c5883732", 12),
      trailEntryOfInstallation: paths.trailEntry("installation", 12),
      applications: paths.applications(),
      application: paths.application("t-1"),
      applicationLog: paths.application("t-1", { tab: "log" }),
      settings: paths.settings(),
      settingsTokens: paths.settingsTokens(),
    };
    expect(all).toMatchInlineSnapshot(`
      {
        "application": "/applications/t-1",
        "applicationLog": "/applications/t-1?tab=log",
        "applications": "/applications",
        "candidate": "/candidates/c-1",
        "candidates": "/candidates",
        "candidatesFiltered": "/candidates?state=ready&state=awaiting_approval&assigned=me",
        "overview": "/",
        "people": "/people?q=ann+o%27neil&account=disabled",
        "person": "/people/u%2F1",
        "seat": "/seats/u-1_sku-1",
        "seats": "/seats?justification=inactive",
        "settings": "/settings",
        "settingsTokens": "/settings/tokens",
        "setup": "/setup",
        "signIn": "/sign-in",
        "signInNext": "/sign-in?next=%2Fcandidates%3Fstate%3Dready",
        "sku": "/recoverable/sku-1",
        "skuFiltered": "/recoverable/sku-1?kind=idle&min_idle_days=90",
        "skus": "/recoverable",
        "trail": "/trail?object_kind=candidate&object_id=c-1",
        "trailEntry": "/trail/tenant/12",
        "trailEntryOfInstallation": "/trail/installation/12",
      }
    `);
  });

  test("leave out what is not set", () => {
    expect(withQuery("/x", { a: "", b: null, c: undefined, d: 0 })).toBe("/x?d=0");
  });

  test("name every page exactly once", () => {
    const bare = Object.values(paths).map((path) => (path as (...args: unknown[]) => string)("a", {}).split("?")[0]);
    expect(new Set(bare).size).toBe(bare.length);
  });
});
