import { Button, makeStyles, tokens } from "@fluentui/react-components";
import type { ReactNode } from "react";
import { text } from "../text";

const useStyles = makeStyles({
  bar: {
    position: "sticky",
    bottom: tokens.spacingVerticalM,
    zIndex: 2,
    display: "flex",
    flexWrap: "wrap",
    alignItems: "center",
    gap: tokens.spacingHorizontalS,
    padding: `${tokens.spacingVerticalS} ${tokens.spacingHorizontalL}`,
    marginTop: tokens.spacingVerticalM,
    backgroundColor: tokens.colorNeutralBackground1,
    border: `1px solid ${tokens.colorNeutralStroke1}`,
    borderRadius: tokens.borderRadiusLarge,
    boxShadow: tokens.shadow16,
  },
  count: { fontWeight: tokens.fontWeightSemibold, marginRight: "auto" },
});

interface SelectionBarProps {
  count: number;
  /** What the chosen rows are worth, for example. */
  note?: ReactNode;
  onClear: () => void;
  /** The actions. */
  children: ReactNode;
}

/** What can be done with the chosen rows; nothing while none is chosen. */
export function SelectionBar({ count, note, onClear, children }: SelectionBarProps) {
  const styles = useStyles();
  if (count === 0) {
    return null;
  }
  return (
    <section className={styles.bar} aria-label={text.common.selected(count)}>
      <span className={styles.count} role="status">
        {text.common.selected(count)} {note}
      </span>
      {children}
      <Button appearance="subtle" onClick={onClear}>
        {text.common.clear}
      </Button>
    </section>
  );
}
