import { describe, expect, test } from "vitest";
import { parseSearch, stringifySearch } from "./useFilters";

describe("filters in the address", () => {
  test("read as plain text, so that a number stays what was written", () => {
    expect(parseSearch("?min_idle_days=090&q=true")).toEqual({ min_idle_days: "090", q: "true" });
  });

  test("become a list when the key repeats", () => {
    expect(parseSearch("?state=ready&state=verifying&state=revoking")).toEqual({
      state: ["ready", "verifying", "revoking"],
    });
  });

  test("are written back as they were read", () => {
    const text = "?state=ready&state=verifying&q=ann+o%27neil";
    expect(stringifySearch(parseSearch(text))).toBe(text);
  });

  test("leave no trace when they are empty", () => {
    expect(stringifySearch({ q: "", state: [], sku_id: undefined })).toBe("");
  });
});
