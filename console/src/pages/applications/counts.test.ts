import { expect, test } from "vitest";
import { countsText, secondsTaken } from "./counts";

test("a run says what it counted in words", () => {
  expect(countsText({ people: 2000, rows_set_aside: 3 }, "en-US")).toBe("people 2,000 · rows set aside 3");
  expect(countsText({})).toBe("");
});

test("a run that is not over has no length", () => {
  expect(secondsTaken({ started_at: "2026-11-22T12:00:00Z", finished_at: null })).toBeNull();
  expect(secondsTaken({ started_at: null, finished_at: null })).toBeNull();
  expect(secondsTaken({ started_at: "2026-11-22T12:00:00Z", finished_at: "2026-11-22T12:01:30.4Z" })).toBe(90);
});
