import { Button, makeStyles, Tooltip, tokens } from "@fluentui/react-components";
import { useState } from "react";
import { type ActionInput, type ActionName, useCandidateAction } from "../../api/hooks/candidates";
import type { AllowedAction, CandidateDetail } from "../../api/types";
import { ConfirmDialog } from "../../components/ConfirmDialog";
import { useNotify } from "../../components/notify";
import { useNow } from "../../components/now";
import { Section } from "../../components/PageHeader";
import { useMay, useSession } from "../../frame/session";
import { paths } from "../../paths";
import { text } from "../../text";
import { actionDialog, arrangeActions } from "./actions";

const useStyles = makeStyles({
  buttons: { display: "flex", flexWrap: "wrap", gap: tokens.spacingHorizontalS },
  none: { margin: `0 0 ${tokens.spacingVerticalS}`, color: tokens.colorNeutralForeground2 },
  rest: { marginTop: tokens.spacingVerticalM, color: tokens.colorNeutralForeground2 },
  summary: { cursor: "pointer" },
  lines: { margin: 0, display: "grid", gap: tokens.spacingVerticalS },
  line: { margin: 0 },
});

/** What moves a candidate on; at most one of them is possible at a time. */
const FORWARD: readonly ActionName[] = ["start", "approve", "retry"];

/** What whoever looks may do, as the server says it; what they may not do says why. */
export function CandidateActions({ candidate }: { candidate: CandidateDetail }) {
  const styles = useStyles();
  const [asked, setAsked] = useState<AllowedAction | null>(null);
  const words = text.candidates.actions;
  const { now, refused, rest } = arrangeActions(candidate.allowed_actions);
  return (
    <Section title={words.title}>
      {now.length === 0 && <p className={styles.none}>{words.none}</p>}
      <div className={styles.buttons}>
        {now.map((action) => (
          <Button
            key={action.action}
            appearance={FORWARD.includes(action.action) ? "primary" : "secondary"}
            onClick={() => setAsked(action)}
          >
            {action.label}
          </Button>
        ))}
        {refused.map((action) => (
          <Tooltip key={action.action} relationship="description" content={action.why_not ?? ""}>
            <Button disabledFocusable>{action.label}</Button>
          </Tooltip>
        ))}
      </div>
      {rest.length > 0 && (
        <details className={styles.rest}>
          <summary className={styles.summary}>{words.rest}</summary>
          <ul>
            {[...refused, ...rest].map((action) => (
              <li key={action.action}>{words.refused(action.label, action.why_not ?? "")}</li>
            ))}
          </ul>
        </details>
      )}
      <ActionConfirm candidate={candidate} asked={asked} onClose={() => setAsked(null)} />
    </Section>
  );
}

interface ActionConfirmProps {
  candidate: CandidateDetail;
  asked: AllowedAction | null;
  onClose: () => void;
}

function ActionConfirm({ candidate, asked, onClose }: ActionConfirmProps) {
  const styles = useStyles();
  // What was asked last stays in the dialog while it closes.
  const [last, setLast] = useState<AllowedAction | null>(null);
  if (asked !== null && asked !== last) {
    setLast(asked);
  }
  const act = useCandidateAction(candidate.candidate_id);
  const notify = useNotify();
  const oneStep = useOneStep();
  const today = useNow().toISOString().slice(0, 10);
  if (last === null) {
    return null;
  }
  const dialog = actionDialog(last.action, candidate, oneStep);
  const keep = text.candidates.dialogs.keep;
  return (
    <ConfirmDialog
      open={asked !== null}
      onClose={onClose}
      title={dialog.title}
      confirmLabel={last.label}
      danger={dialog.danger}
      reason={dialog.words === null ? undefined : { label: dialog.wordsLabel, required: dialog.wordsRequired }}
      until={dialog.asksUntil ? { label: keep.until, hint: keep.untilHint, min: today } : undefined}
      onConfirm={async ({ reason, until }) => {
        const input: ActionInput = { action: last.action };
        if (dialog.words !== null) {
          input[dialog.words] = reason.trim();
        }
        if (dialog.asksUntil && until !== "") {
          input.until = until;
        }
        const after = await act.mutateAsync(input);
        notify.done(text.candidates.done.title(last.label, candidate.number), {
          body: after.attention?.text ?? after.state_label,
          link: {
            label: text.candidates.done.trail,
            href: paths.trail({ object_kind: "candidate", object_id: candidate.candidate_id }),
          },
        });
      }}
    >
      <div className={styles.lines}>
        {dialog.lines.map((line) => (
          <p key={line} className={styles.line}>
            {line}
          </p>
        ))}
      </div>
    </ConfirmDialog>
  );
}

/** Whether whoever looks may propose and decide in one step; more than a few at once never are, but for one operator. */
export function useOneStep(): boolean {
  const decides = useMay("decide");
  return useSession().tenant.single_operator || decides;
}
