import { makeStyles, mergeClasses, tokens } from "@fluentui/react-components";
import type { ReactNode } from "react";
import { own } from "../frame/theme";
import { AppLink } from "./AppLink";

const useStyles = makeStyles({
  tile: {
    display: "flex",
    flexDirection: "column",
    gap: tokens.spacingVerticalXXS,
    backgroundColor: tokens.colorNeutralBackground1,
    border: `1px solid ${tokens.colorNeutralStroke2}`,
    borderTop: `3px solid ${tokens.colorNeutralStroke1}`,
    borderRadius: tokens.borderRadiusLarge,
    padding: `${tokens.spacingVerticalM} ${tokens.spacingHorizontalM}`,
    minWidth: 0,
    position: "relative",
  },
  recoverable: { borderTopColor: own.recoverable },
  proven: { borderTopColor: own.proven },
  danger: { borderTopColor: tokens.colorPaletteRedBorderActive },
  label: { color: tokens.colorNeutralForeground2, margin: 0 },
  value: {
    fontSize: tokens.fontSizeHero700,
    lineHeight: tokens.lineHeightHero700,
    fontWeight: tokens.fontWeightSemibold,
    fontVariantNumeric: "tabular-nums",
    margin: 0,
    overflowWrap: "anywhere",
    "@media (max-width: 639px)": { fontSize: tokens.fontSizeBase600, lineHeight: tokens.lineHeightBase600 },
  },
  recoverableValue: { color: own.recoverable },
  provenValue: { color: own.proven },
  note: { color: tokens.colorNeutralForeground3, fontSize: tokens.fontSizeBase200, margin: 0 },
  link: { "::after": { content: "''", position: "absolute", inset: 0, borderRadius: tokens.borderRadiusLarge } },
});

interface StatTileProps {
  label: string;
  value: ReactNode;
  /** The unit, the date, or what the figure is made of. */
  note?: ReactNode;
  /** The rows behind the figure. */
  href?: string;
  tone?: "neutral" | "recoverable" | "proven" | "danger";
}

/** One figure; the whole tile leads to the rows behind it. */
export function StatTile({ label, value, note, href, tone = "neutral" }: StatTileProps) {
  const styles = useStyles();
  return (
    <div
      className={mergeClasses(
        styles.tile,
        tone === "recoverable" && styles.recoverable,
        tone === "proven" && styles.proven,
        tone === "danger" && styles.danger,
      )}
    >
      <p className={styles.label}>
        {href === undefined ? (
          label
        ) : (
          <AppLink href={href} plain className={styles.link}>
            {label}
          </AppLink>
        )}
      </p>
      <p
        className={mergeClasses(
          styles.value,
          tone === "recoverable" && styles.recoverableValue,
          tone === "proven" && styles.provenValue,
        )}
      >
        {value}
      </p>
      {note !== undefined && <p className={styles.note}>{note}</p>}
    </div>
  );
}
