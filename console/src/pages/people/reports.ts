import type { AccountReport } from "../../api/types";
import { formatBytes } from "../../format";
import { text } from "../../text";

/** What a report says beside the last day, in one line; what it does not say is left out. */
export function reportDetails(report: AccountReport): string {
  const words = text.people;
  const parts = [
    report.recipient_type && words.mailbox(report.recipient_type),
    report.has_archive === true && words.archive,
    report.items !== null && words.items(report.items),
    report.storage_bytes !== null && formatBytes(report.storage_bytes),
    report.desktop !== null && (report.desktop ? words.desktop : words.noDesktop),
    report.products.length > 0 && words.activated(report.products.join(", ")),
  ];
  return parts.filter((part) => typeof part === "string" && part !== "").join(" · ");
}
