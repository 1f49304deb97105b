import { Button, makeStyles, tokens } from "@fluentui/react-components";
import { Pause20Filled } from "@fluentui/react-icons";
import { useState } from "react";
import { useFreeze, useThawCommand } from "../api/hooks/session";
import type { Freeze } from "../api/types";
import { ConfirmDialog } from "../components/ConfirmDialog";
import { useNotify } from "../components/notify";
import { useNow } from "../components/now";
import { formatAge, formatMoment } from "../format";
import { text } from "../text";
import { useMay, useSession } from "./session";

const useStyles = makeStyles({
  bar: {
    display: "flex",
    flexWrap: "wrap",
    alignItems: "center",
    gap: tokens.spacingHorizontalM,
    padding: `${tokens.spacingVerticalS} ${tokens.spacingHorizontalL}`,
    backgroundColor: tokens.colorStatusDangerBackground3,
    color: tokens.colorNeutralForegroundOnBrand,
    overflowWrap: "anywhere",
  },
  words: { flex: "1 1 240px", minWidth: 0 },
  meta: { fontSize: tokens.fontSizeBase200, display: "block" },
});

/** While nothing new may be written: why, since when, by whom, and how it ends. */
export function FreezeBar() {
  const freeze = useFreeze().data?.freeze ?? null;
  return freeze === null ? null : <Bar freeze={freeze} />;
}

function Bar({ freeze }: { freeze: Freeze }) {
  const styles = useStyles();
  const now = useNow();
  const may = useMay("thaw");
  const [open, setOpen] = useState(false);
  const words = text.frame.freeze;
  const asked = freeze.thaw_asked_by;
  return (
    <section className={styles.bar} aria-label={words.bar}>
      <Pause20Filled aria-hidden />
      <div className={styles.words}>
        <strong>{words.bar}</strong>: {freeze.reason}
        <span className={styles.meta} title={formatMoment(freeze.frozen_at)}>
          {words.by(freeze.frozen_by, formatAge(freeze.frozen_at, now))}
          {asked !== null && ` · ${words.thawAsked(asked, formatAge(freeze.thaw_asked_at, now))}`}
        </span>
      </div>
      <Button disabled={!may} title={may ? undefined : words.notAllowed} onClick={() => setOpen(true)}>
        {asked === null ? words.thaw : words.confirmThaw}
      </Button>
      <ThawDialog freeze={freeze} open={open} onClose={() => setOpen(false)} />
    </section>
  );
}

function ThawDialog({ freeze, open, onClose }: { freeze: Freeze; open: boolean; onClose: () => void }) {
  const thaw = useThawCommand();
  const notify = useNotify();
  const single = useSession().tenant.single_operator;
  const words = text.frame.freeze;
  const who = single ? null : freeze.thaw_asked_by === null ? words.thawTwo : words.thawSecond(freeze.thaw_asked_by);
  return (
    <ConfirmDialog
      open={open}
      onClose={onClose}
      title={words.thawTitle}
      confirmLabel={freeze.thaw_asked_by === null ? words.thaw : words.confirmThaw}
      typed={single ? "thaw" : null}
      typedLabel={() => words.thawSingle}
      onConfirm={async ({ typed }) => {
        const after = await thaw.mutateAsync(single ? { typed: typed.trim().toLowerCase() } : {});
        notify.done(after.freeze === null ? words.thawed : words.thawWaiting);
      }}
    >
      {words.thawWhat} {who}
    </ConfirmDialog>
  );
}
