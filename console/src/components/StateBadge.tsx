import { Badge, makeStyles } from "@fluentui/react-components";
import { text } from "../text";

type BadgeColor = "brand" | "danger" | "important" | "informative" | "severe" | "subtle" | "success" | "warning";

/** Red only for what needs a person now; green only for what is proven. */
const COLORS: Record<string, BadgeColor> = {
  ready: "brand",
  attention_required: "danger",
  awaiting_user: "warning",
  awaiting_approval: "warning",
  in_review: "warning",
  awaiting_revocation: "informative",
  revoking: "informative",
  verifying: "informative",
  closed_complete: "success",
  restoring: "informative",
  closed_restored: "subtle",
  closed_skipped: "subtle",
  closed_canceled: "subtle",
};

const useStyles = makeStyles({ badge: { whiteSpace: "nowrap", maxWidth: "100%" } });

/** Where a candidate stands, in words and color. */
export function StateBadge({ state, label }: { state: string; label?: string }) {
  const styles = useStyles();
  return (
    <Badge appearance="tint" color={COLORS[state] ?? "informative"} className={styles.badge}>
      {label ?? text.common.states[state] ?? state}
    </Badge>
  );
}

const EVIDENCE_COLORS: Record<string, BadgeColor> = {
  idle: "brand",
  in_use: "success",
  missing: "warning",
  stale: "warning",
  concealed: "warning",
};

/** What one signal says. */
export function EvidenceBadge({ status }: { status: string }) {
  return (
    <Badge appearance="tint" color={EVIDENCE_COLORS[status] ?? "informative"}>
      {text.common.evidence.states[status] ?? status}
    </Badge>
  );
}
