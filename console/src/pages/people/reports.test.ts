import { expect, test } from "vitest";
import type { AccountReport } from "../../api/types";
import { reportDetails } from "./reports";

const silent: AccountReport = {
  report: "mailbox_report",
  label: "Mailboxes",
  last_day: null,
  refreshed: "2026-07-01",
  desktop: null,
  has_archive: null,
  items: null,
  products: [],
  recipient_type: null,
  storage_bytes: null,
};

test("what a report does not say is left out, and zero is said", () => {
  expect(reportDetails(silent)).toBe("");
  expect(reportDetails({ ...silent, items: 0 })).toBe("0 items");
  expect(reportDetails({ ...silent, recipient_type: "Shared", has_archive: true, storage_bytes: 2_500_000_000 })).toBe(
    "Shared mailbox · has an archive · 2.5 GB",
  );
  expect(reportDetails({ ...silent, desktop: false, products: ["Project", "Visio"] })).toBe(
    "not used on a computer · activated: Project, Visio",
  );
});
