import {
  Button,
  Dialog,
  DialogActions,
  DialogBody,
  DialogContent,
  DialogSurface,
  DialogTitle,
  makeStyles,
  tokens,
} from "@fluentui/react-components";
import { type ReactNode, useState } from "react";
import { text } from "../text";
import { ProblemMessage } from "./ProblemMessage";
import { useReturnFocus } from "./return-focus";

const useStyles = makeStyles({
  content: { display: "flex", flexDirection: "column", gap: tokens.spacingVerticalM },
});

interface FormDialogProps {
  onClose: () => void;
  title: string;
  /** The fields. */
  children: ReactNode;
  submitLabel: string;
  /** Whether the fields say enough. */
  complete: boolean;
  /** Does it; when it rejects, the dialog stays and says why. */
  onSubmit: () => Promise<unknown>;
}

/** A small form; mounted while it is open, so that it always starts empty. */
export function FormDialog({ onClose, title, children, submitLabel, complete, onSubmit }: FormDialogProps) {
  const styles = useStyles();
  useReturnFocus();
  const [running, setRunning] = useState(false);
  const [error, setError] = useState<unknown>(null);
  const submit = async () => {
    setRunning(true);
    setError(null);
    try {
      await onSubmit();
    } catch (caught) {
      setError(caught);
    } finally {
      setRunning(false);
    }
  };
  return (
    <Dialog open onOpenChange={(_, data) => data.open || onClose()}>
      <DialogSurface>
        <form
          noValidate
          onSubmit={(event) => {
            event.preventDefault();
            void submit();
          }}
        >
          <DialogBody>
            <DialogTitle>{title}</DialogTitle>
            <DialogContent className={styles.content}>
              {children}
              {error !== null && <ProblemMessage error={error} />}
            </DialogContent>
            <DialogActions>
              <Button onClick={onClose}>{text.common.cancel}</Button>
              <Button type="submit" appearance="primary" disabled={!complete} disabledFocusable={running}>
                {submitLabel}
              </Button>
            </DialogActions>
          </DialogBody>
        </form>
      </DialogSurface>
    </Dialog>
  );
}
