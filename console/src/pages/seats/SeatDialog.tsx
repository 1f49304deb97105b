import { makeStyles, tokens } from "@fluentui/react-components";
import { useState } from "react";
import { type BulkResult, sortResults } from "../../components/bulk-results";
import { ConfirmDialog } from "../../components/ConfirmDialog";
import { NameList } from "../../components/NameList";
import { useNotify } from "../../components/notify";
import { useMay, useSession } from "../../frame/session";
import { paths } from "../../paths";
import { text } from "../../text";
import { type Chosen, choiceLines, typedOver } from "./choice";
import { useReclaim } from "./useReclaim";

const useStyles = makeStyles({ lines: { display: "grid", gap: tokens.spacingVerticalS }, line: { margin: 0 } });

export type Step = "open" | "reclaim";

interface SeatDialogProps {
  step: Step | null;
  seats: Chosen[];
  onClose: () => void;
  onDone: (results: BulkResult[]) => void;
}

/** Says exactly what is about to happen to the chosen seats, does it, and hands on what became of each. */
export function SeatDialog({ step, seats, onClose, onDone }: SeatDialogProps) {
  const styles = useStyles();
  const reclaim = useReclaim();
  const notify = useNotify();
  const decides = useMay("decide");
  const singleOperator = useSession().tenant.single_operator;
  // What was asked last stays in the dialog while it closes.
  const [last, setLast] = useState({ step, seats });
  if (step !== null && (step !== last.step || seats.length !== last.seats.length)) {
    setLast({ step, seats });
  }
  if (last.step === null) {
    return null;
  }
  const words = text.seats;
  const asked = last.step;
  const count = last.seats.length;
  const reclaims = asked === "reclaim";
  return (
    <ConfirmDialog
      open={step !== null}
      onClose={onClose}
      title={reclaims ? words.dialog.reclaimTitle(count) : words.dialog.openTitle(count)}
      confirmLabel={reclaims ? words.reclaim : words.open}
      danger={reclaims}
      typed={reclaims ? typedOver(count) : null}
      onConfirm={async ({ typed }) => {
        const results = await reclaim(last.seats, asked, typed);
        const done = sortResults(results).done.length;
        if (done > 0) {
          notify.done(reclaims ? words.started(done) : words.opened(done), {
            link: { label: words.toCandidates, href: paths.candidates() },
          });
        }
        onDone(results);
      }}
    >
      <div className={styles.lines}>
        {choiceLines(asked, last.seats, { decides, singleOperator }).map((line) => (
          <p key={line} className={styles.line}>
            {line}
          </p>
        ))}
        <NameList names={last.seats.map((seat) => words.dialog.name(seat.person.display_name, seat.sku.name))} />
      </div>
    </ConfirmDialog>
  );
}
