import { expect, test } from "vitest";
import { DAYS, daysText, isWhole, USUAL, withDay } from "./windows";

test("days in a row are said as a range, others one by one, in the order of the week", () => {
  expect(daysText(USUAL.days)).toBe("Mon to Fri");
  expect(daysText([...DAYS].reverse())).toBe("Mon to Sun");
  expect(daysText(["sunday", "saturday"])).toBe("Sat, Sun");
  expect(daysText(["monday", "wednesday", "friday"])).toBe("Mon, Wed, Fri");
});

test("a day comes in and goes out at its place in the week", () => {
  expect(withDay(["friday"], "monday", true)).toEqual(["monday", "friday"]);
  expect(withDay(["monday", "friday"], "monday", false)).toEqual(["friday"]);
});

test("a window needs a day, a beginning and an end", () => {
  expect(isWhole(USUAL)).toBe(true);
  expect(isWhole({ ...USUAL, days: [] })).toBe(false);
  expect(isWhole({ ...USUAL, from: "" })).toBe(false);
  expect(isWhole({ ...USUAL, until: "" })).toBe(false);
});
