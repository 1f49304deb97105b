import { Badge } from "@fluentui/react-components";
import type { Application, Sync } from "../../api/types";
import { text } from "../../text";

const APPLICATION_COLORS = { working: "success", failing: "danger", new: "informative" } as const;

export function ApplicationBadge({ status }: { status: Application["status"] }) {
  return (
    <Badge appearance="tint" color={APPLICATION_COLORS[status]}>
      {text.applications.statuses[status]}
    </Badge>
  );
}

const SYNC_COLORS = {
  queued: "informative",
  running: "informative",
  succeeded: "success",
  failed: "danger",
  held: "danger",
} as const;

export function SyncBadge({ status }: { status: Sync["status"] }) {
  return (
    <Badge appearance="tint" color={SYNC_COLORS[status]}>
      {text.applications.tasks.statuses[status]}
    </Badge>
  );
}
