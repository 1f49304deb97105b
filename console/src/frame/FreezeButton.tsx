import { Button, makeStyles } from "@fluentui/react-components";
import { Pause20Filled } from "@fluentui/react-icons";
import { useState } from "react";
import { useFreeze, useFreezeCommand } from "../api/hooks/session";
import { ConfirmDialog } from "../components/ConfirmDialog";
import { useNotify } from "../components/notify";
import { text } from "../text";
import { useMay } from "./session";

const useStyles = makeStyles({
  button: { flexShrink: 0, "@media (max-width: 479px)": { minWidth: "32px", "& .fui-Button__icon": { margin: 0 } } },
  word: { "@media (max-width: 479px)": { display: "none" } },
});

/** The stop that everybody has. */
export function FreezeButton() {
  const styles = useStyles();
  const [open, setOpen] = useState(false);
  const may = useMay("freeze");
  const frozen = useFreeze().data?.freeze ?? null;
  const freeze = useFreezeCommand();
  const notify = useNotify();
  const words = text.frame.freeze;
  if (!may || frozen !== null) {
    return null;
  }
  return (
    <>
      <Button
        className={styles.button}
        icon={<Pause20Filled />}
        aria-label={words.button}
        onClick={() => setOpen(true)}
      >
        <span className={styles.word}>{words.button}</span>
      </Button>
      <ConfirmDialog
        open={open}
        onClose={() => setOpen(false)}
        title={words.title}
        confirmLabel={words.confirm}
        danger
        reason={{ required: true }}
        onConfirm={async ({ reason }) => {
          await freeze.mutateAsync({ reason: reason.trim() });
          notify.done(words.done);
        }}
      >
        {words.what}
      </ConfirmDialog>
    </>
  );
}
