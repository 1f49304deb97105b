import { Button, Field, makeStyles, SearchBox, Select, tokens } from "@fluentui/react-components";
import { type ReactNode, useEffect, useRef, useState } from "react";
import { text } from "../text";

const useStyles = makeStyles({
  bar: {
    display: "flex",
    flexWrap: "wrap",
    alignItems: "flex-end",
    gap: tokens.spacingHorizontalM,
    marginBottom: tokens.spacingVerticalM,
  },
  search: { flex: "1 1 220px", maxWidth: "420px", "& > *": { maxWidth: "100%" } },
  choice: { flex: "0 1 200px", minWidth: "140px", gridTemplateColumns: "minmax(0, 1fr)" },
});

interface FilterBarProps {
  children: ReactNode;
  active: boolean;
  onClear: () => void;
}

/** Filters above a list; what they say stands in the address. */
export function FilterBar({ children, active, onClear }: FilterBarProps) {
  const styles = useStyles();
  return (
    <search className={styles.bar}>
      {children}
      {active && (
        <Button appearance="subtle" onClick={onClear}>
          {text.common.clearFilters}
        </Button>
      )}
    </search>
  );
}

/** How long typing rests before the list is asked for anew. */
const REST_MS = 300;

interface TextFilterProps {
  label: string;
  value: string;
  onChange: (value: string) => void;
}

/** Free text; the list follows when typing rests. */
export function TextFilter({ label, value, onChange }: TextFilterProps) {
  const styles = useStyles();
  const [typed, setTyped] = useState(value);
  const change = useRef(onChange);
  change.current = onChange;
  // The address may change without typing: a cleared filter, the back button.
  useEffect(() => setTyped(value), [value]);
  useEffect(() => {
    if (typed === value) {
      return;
    }
    const timer = setTimeout(() => change.current(typed.trim()), REST_MS);
    return () => clearTimeout(timer);
  }, [typed, value]);
  return (
    <Field label={label} className={styles.search}>
      <SearchBox value={typed} onChange={(_, data) => setTyped(data.value)} />
    </Field>
  );
}

interface ChoiceFilterProps {
  label: string;
  value: string;
  onChange: (value: string) => void;
  /** The empty value is "all". */
  options: { value: string; label: string }[];
}

/** One of a few. */
export function ChoiceFilter({ label, value, onChange, options }: ChoiceFilterProps) {
  const styles = useStyles();
  return (
    <Field label={label} className={styles.choice}>
      <Select value={value} onChange={(_, data) => onChange(data.value)}>
        {options.map((option) => (
          <option key={option.value} value={option.value}>
            {option.label}
          </option>
        ))}
      </Select>
    </Field>
  );
}
