import { describe, expect, test } from "vitest";
import {
  daysSince,
  formatAge,
  formatAmounts,
  formatClock,
  formatCount,
  formatDay,
  formatDayAge,
  formatMoment,
  formatMoney,
  formatShare,
  formatSpan,
  isZero,
  moneyOf,
} from "./format";

const NOW = new Date("2026-11-22T12:00:00Z");

describe("money", () => {
  test("is shown per currency and never added", () => {
    expect(formatAmounts({ USD: "2.00", EUR: "1234.50" }, "en-US")).toBe("€1,234.50 · $2.00");
  });

  test("is exact beyond what a float holds", () => {
    expect(formatMoney({ currency: "EUR", amount: "9007199254740993.01" }, "en-US")).toBe("€9,007,199,254,740,993.01");
  });

  test("has the currency's own minor unit", () => {
    expect(formatAmounts({ JPY: "1200" }, "en-US")).toBe("¥1,200");
  });

  test("leaves the minor unit out where figures are compared", () => {
    expect(formatAmounts({ EUR: "1234.56" }, "en-US", true)).toBe("€1,235");
  });

  test("is a dash when unknown, never zero", () => {
    expect(formatAmounts(null)).toBe("—");
    expect(formatAmounts({})).toBe("—");
    expect(formatAmounts({ EUR: "0.00" }, "en-US")).toBe("€0.00");
  });

  test("leaves out a currency with nothing in it, unless there is no other", () => {
    expect(formatAmounts({ EUR: "0.00", USD: "24576.00" }, "en-US")).toBe("$24,576.00");
    expect(formatAmounts({ EUR: "0.00", USD: "0.00" }, "en-US")).toBe("€0.00");
  });

  test("puts the largest amount first", () => {
    expect(moneyOf({ USD: "3.00", EUR: "10.00" }).map((money) => money.currency)).toEqual(["EUR", "USD"]);
    expect(isZero({ EUR: "0.00" })).toBe(true);
    expect(isZero({ EUR: "0.01" })).toBe(false);
  });
});

describe("counts", () => {
  test("are grouped, and a dash when unknown", () => {
    expect(formatCount(18204, "en-US")).toBe("18,204");
    expect(formatCount(null)).toBe("—");
    expect(formatCount(0, "en-US")).toBe("0");
  });

  test("have no share of nothing", () => {
    expect(formatShare(1, 4, "en-US")).toBe("25%");
    expect(formatShare(0, 0, "en-US")).toBe("—");
  });
});

describe("days", () => {
  test("have no zone: the day the server said is the day that is shown", () => {
    expect(formatDay("2026-07-02", "en-GB")).toBe("2 Jul 2026");
    expect(formatDay(null)).toBe("—");
  });

  test("are counted as whole UTC days", () => {
    expect(daysSince("2026-07-02", NOW)).toBe(143);
    expect(daysSince("2026-11-22", new Date("2026-11-22T23:59:59Z"))).toBe(0);
    expect(formatDayAge("2026-07-02", NOW, "en-US")).toBe("143 days ago");
    expect(formatDayAge("2026-11-21", NOW, "en-US")).toBe("yesterday");
    expect(formatDayAge("2026-11-22", NOW, "en-US")).toBe("today");
    expect(formatDayAge(null, NOW)).toBe("—");
  });
});

describe("moments", () => {
  test("read as an age by the server's clock", () => {
    expect(formatAge("2026-11-22T11:57:00Z", NOW, "en-US")).toBe("3 minutes ago");
    expect(formatAge("2026-11-22T09:00:00Z", NOW, "en-US")).toBe("3 hours ago");
    expect(formatAge("2026-11-21T11:00:00Z", NOW, "en-US")).toBe("yesterday");
    expect(formatAge("2026-11-24T12:00:00Z", NOW, "en-US")).toBe("in 2 days");
    expect(formatAge("2026-11-22T11:59:50Z", NOW, "en-US")).toBe("now");
    expect(formatAge(null, NOW)).toBe("—");
  });

  test("have an exact form with the zone", () => {
    expect(formatMoment("2026-11-22T11:57:03Z", "en-US", "Europe/Berlin")).toBe("Nov 22, 2026, 12:57:03 PM GMT+1");
    expect(formatClock("2026-11-22T11:57:03Z", "en-US", "Europe/Berlin")).toMatch(/^Nov 22, 2026, 12:57\sPM$/);
  });

  test("repeat in a span", () => {
    expect(formatSpan(900, "en-US")).toBe("15 minutes");
    expect(formatSpan(21600, "en-US")).toBe("6 hours");
    expect(formatSpan(86400, "en-US")).toBe("1 day");
    expect(formatSpan(null)).toBe("—");
  });
});
