import { makeStyles, tokens } from "@fluentui/react-components";
import { text } from "../text";

const useStyles = makeStyles({
  summary: { cursor: "pointer" },
  list: {
    margin: `${tokens.spacingVerticalS} 0 0`,
    paddingLeft: tokens.spacingHorizontalXL,
    maxHeight: "220px",
    overflowY: "auto",
  },
});

/** Who it is about, on request. */
export function NameList({ names }: { names: string[] }) {
  const styles = useStyles();
  return (
    <details>
      <summary className={styles.summary}>{text.common.showNames(names.length)}</summary>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard */}
      <ul className={styles.list} tabIndex={0} aria-label={text.common.names}>
        {names.map((name) => (
          <li key={name}>{name}</li>
        ))}
      </ul>
    </details>
  );
}
