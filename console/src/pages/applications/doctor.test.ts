import { expect, test } from "vitest";
import { standing, subjectOf } from "./doctor";

const source = {
  source: "teams_report",
  label: "Teams report",
  as_of: null,
  limit_hours: 72,
  problem: null,
  offered: true,
  rows: 0,
  stale: true,
};
const task = {
  task: "application_access" as const,
  label: "Application Access",
  enabled: true,
  purpose: "reader" as const,
  state: "ready" as const,
  needed: [],
  broader: [],
  roles_missing: [],
  roles_unknown: false,
  last_failure: null,
  last_failure_remedy: null,
};

test("a finding names what it is about in the words of the page", () => {
  const name = (about: string) => subjectOf(about, { tasks: [task] }, { name: "Contoso", sources: [source] });
  expect(name("reader")).toBe("Reader");
  expect(name("application_access")).toBe("Application Access");
  expect(name("teams_report")).toBe("Teams report");
  expect(name("tenant")).toBe("Contoso");
  expect(name("something_newer")).toBe("something_newer");
});

test("what is not known is neither granted nor missing, and only a required permission is red", () => {
  expect(standing({ granted: null, required: true })).toEqual({ word: "not known", color: "informative" });
  expect(standing({ granted: true, required: true })).toEqual({ word: "granted", color: "success" });
  expect(standing({ granted: false, required: true })).toEqual({ word: "missing", color: "danger" });
  expect(standing({ granted: false, required: false })).toEqual({ word: "missing", color: "warning" });
});
