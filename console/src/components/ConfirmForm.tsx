import {
  Button,
  Dialog,
  DialogActions,
  DialogBody,
  DialogContent,
  DialogSurface,
  DialogTitle,
  Field,
  Input,
  makeStyles,
  Textarea,
  tokens,
} from "@fluentui/react-components";
import { useEffect, useState } from "react";
import { asProblem } from "../api/problem";
import { text } from "../text";
import type { ConfirmDialogProps } from "./ConfirmDialog";
import { type ConfirmValues, typedNeed, whyNotYet } from "./confirm";
import { ProblemMessage } from "./ProblemMessage";

const useStyles = makeStyles({
  content: { display: "flex", flexDirection: "column", gap: tokens.spacingVerticalM },
  danger: {
    backgroundColor: tokens.colorStatusDangerBackground3,
    color: tokens.colorNeutralForegroundOnBrand,
    ":hover": {
      backgroundColor: tokens.colorStatusDangerBackground3Hover,
      color: tokens.colorNeutralForegroundOnBrand,
    },
    ":hover:active": {
      backgroundColor: tokens.colorStatusDangerBackground3Pressed,
      color: tokens.colorNeutralForegroundOnBrand,
    },
  },
});

const NOTHING: ConfirmValues = { reason: "", until: "", typed: "" };

/** What `ConfirmDialog` shows; a bundle of its own. */
export function ConfirmSurface(props: ConfirmDialogProps) {
  return (
    <Dialog open={props.open} onOpenChange={(_, data) => data.open || props.onClose()}>
      <DialogSurface>
        <ConfirmForm {...props} />
      </DialogSurface>
    </Dialog>
  );
}

function ConfirmForm(props: ConfirmDialogProps) {
  const { reason, until, typed = null, typedLabel = text.common.typeCount } = props;
  const styles = useStyles();
  const [values, setValues] = useState(NOTHING);
  const [tried, setTried] = useState(false);
  const [running, setRunning] = useState(false);
  const [error, setError] = useState<unknown>(null);
  useEffect(() => {
    if (props.open) {
      setValues(NOTHING);
      setTried(false);
      setError(null);
    }
  }, [props.open]);
  const expected = typedNeed(typed, error === null ? null : asProblem(error));
  const lacks = whyNotYet(values, { reason: reason?.required ?? false, typed: expected });
  const change = (part: Partial<ConfirmValues>) => setValues((before) => ({ ...before, ...part }));
  const confirm = async () => {
    setTried(true);
    if (lacks !== null || running) {
      return;
    }
    setRunning(true);
    setError(null);
    try {
      await props.onConfirm(values);
      props.onClose();
    } catch (caught) {
      setError(caught);
    } finally {
      setRunning(false);
    }
  };
  return (
    <form
      // Our own words at the field, in the language of the page, instead of the browser's.
      noValidate
      onSubmit={(event) => {
        event.preventDefault();
        void confirm();
      }}
    >
      <DialogBody>
        <DialogTitle>{props.title}</DialogTitle>
        <DialogContent className={styles.content}>
          <div>{props.children}</div>
          {reason !== undefined && (
            <Field
              label={reason.label ?? text.common.reason}
              hint={reason.hint ?? text.common.reasonHint}
              required={reason.required}
              validationMessage={tried && lacks === "reason" ? text.common.reasonRequired : undefined}
            >
              <Textarea value={values.reason} onChange={(_, data) => change({ reason: data.value })} />
            </Field>
          )}
          {until !== undefined && (
            <Field label={until.label} hint={until.hint}>
              <Input
                type="date"
                min={until.min}
                value={values.until}
                onChange={(_, data) => change({ until: data.value })}
              />
            </Field>
          )}
          {expected !== null && (
            <Field
              label={typedLabel(expected)}
              required
              validationMessage={tried && lacks === "typed" ? text.common.wrongCount(expected) : undefined}
            >
              <Input value={values.typed} autoComplete="off" onChange={(_, data) => change({ typed: data.value })} />
            </Field>
          )}
          {error !== null && <ProblemMessage error={error} />}
        </DialogContent>
        <DialogActions>
          <Button onClick={props.onClose}>{text.common.cancel}</Button>
          <Button
            type="submit"
            appearance="primary"
            // Focusable: a focus that is lost takes Escape and the reading with it.
            disabledFocusable={running}
            className={props.danger ? styles.danger : undefined}
          >
            {props.confirmLabel}
          </Button>
        </DialogActions>
      </DialogBody>
    </form>
  );
}
