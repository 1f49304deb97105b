import { makeStyles, tokens } from "@fluentui/react-components";
import { useState } from "react";
import { type ActionName, type BulkActionInput, useBulkAction } from "../../api/hooks/candidates";
import type { BulkActionResult, Candidate } from "../../api/types";
import type { BulkResult } from "../../components/bulk-results";
import { ConfirmDialog } from "../../components/ConfirmDialog";
import { NameList } from "../../components/NameList";
import { useNow } from "../../components/now";
import { formatAmounts, moneyOf } from "../../format";
import { paths } from "../../paths";
import { text } from "../../text";
import { addAmounts, typedOver } from "../seats/choice";
import { statesOf } from "./chosen";

const useStyles = makeStyles({ lines: { display: "grid", gap: tokens.spacingVerticalS }, line: { margin: 0 } });

interface BulkActionProps {
  asked: ActionName | null;
  label: string;
  candidates: Candidate[];
  onClose: () => void;
  onDone: (results: BulkResult[]) => void;
}

/** Asks about many candidates at once, does it, and hands on what became of each. */
export function BulkAction({ asked, label, candidates, onClose, onDone }: BulkActionProps) {
  const styles = useStyles();
  const act = useBulkAction();
  const today = useNow().toISOString().slice(0, 10);
  // What was asked last stays in the dialog while it closes.
  const [last, setLast] = useState({ asked, label, candidates });
  if (asked !== null && (asked !== last.asked || candidates.length !== last.candidates.length)) {
    setLast({ asked, label, candidates });
  }
  const words = text.candidates.bulk;
  const keep = last.asked === "keep";
  const saves = addAmounts(last.candidates.map((one) => one.annual_savings));
  const lines = [
    words.where(statesOf(last.candidates)),
    last.asked === null ? "" : (words.what[last.asked] ?? ""),
    words.each(last.label),
    ...(!keep && moneyOf(saves).length > 0 ? [text.seats.dialog.worth(formatAmounts(saves))] : []),
  ];
  return (
    <ConfirmDialog
      open={asked !== null}
      onClose={onClose}
      title={words.title(last.label, last.candidates.length)}
      confirmLabel={last.label}
      danger={!keep}
      reason={keep ? { required: true } : undefined}
      until={
        keep
          ? { label: text.candidates.dialogs.keep.until, hint: text.candidates.dialogs.keep.untilHint, min: today }
          : undefined
      }
      typed={typedOver(last.candidates.length)}
      onConfirm={async (values) => {
        if (last.asked === null) {
          return;
        }
        const input: BulkActionInput = {
          action: last.asked,
          candidate_ids: last.candidates.map((one) => one.candidate_id),
        };
        if (keep) {
          input.reason = values.reason.trim();
        }
        if (values.until !== "") {
          input.until = values.until;
        }
        if (values.typed !== "") {
          input.typed_count = Number(values.typed);
        }
        onDone(resultsOf(await act.mutateAsync(input), last.candidates));
      }}
    >
      <div className={styles.lines}>
        {lines.map((line) => (
          <p key={line} className={styles.line}>
            {line}
          </p>
        ))}
        <NameList
          names={last.candidates.map((one) =>
            text.candidates.titleOf(one.number, one.sku.name, one.person.display_name),
          )}
        />
      </div>
    </ConfirmDialog>
  );
}

function resultsOf(answer: BulkActionResult, candidates: Candidate[]): BulkResult[] {
  const byId = new Map(candidates.map((one) => [one.candidate_id, one]));
  return answer.items.map((item) => {
    const one = byId.get(item.candidate_id);
    return {
      key: item.candidate_id,
      name:
        one === undefined
          ? item.candidate_id
          : text.candidates.titleOf(one.number, one.sku.name, one.person.display_name),
      href: paths.candidate(item.candidate_id),
      state: item.state,
      problem: item.problem,
    };
  });
}
