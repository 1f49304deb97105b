import { makeStyles, ToggleButton, tokens } from "@fluentui/react-components";

const useStyles = makeStyles({
  chips: {
    display: "flex",
    flexWrap: "wrap",
    gap: tokens.spacingHorizontalS,
    marginBottom: tokens.spacingVerticalM,
    border: "none",
    padding: 0,
    minWidth: 0,
  },
});

export interface Chip {
  key: string;
  label: string;
  on: boolean;
  onToggle: () => void;
}

/** One-click filters; what they set stands in the address like any other filter. */
export function Chips({ label, chips }: { label: string; chips: Chip[] }) {
  const styles = useStyles();
  return (
    <fieldset className={styles.chips} aria-label={label}>
      {chips.map((chip) => (
        <ToggleButton key={chip.key} size="small" shape="circular" checked={chip.on} onClick={chip.onToggle}>
          {chip.label}
        </ToggleButton>
      ))}
    </fieldset>
  );
}
