import { makeStyles, tokens } from "@fluentui/react-components";
import type { AuditItem } from "../api/types";
import { paths } from "../paths";
import { text } from "../text";
import { AppLink } from "./AppLink";
import { actorName } from "./actor";
import { Ago } from "./When";

const useStyles = makeStyles({
  list: { listStyleType: "none", margin: 0, padding: 0 },
  item: {
    position: "relative",
    paddingLeft: tokens.spacingHorizontalXL,
    paddingBottom: tokens.spacingVerticalM,
    "::before": {
      content: "''",
      position: "absolute",
      left: "3px",
      top: "7px",
      width: "8px",
      height: "8px",
      borderRadius: "50%",
      backgroundColor: tokens.colorNeutralStroke1,
    },
    "::after": {
      content: "''",
      position: "absolute",
      left: "6px",
      top: "18px",
      bottom: "-4px",
      width: "2px",
      backgroundColor: tokens.colorNeutralStroke2,
    },
    ":last-child::after": { display: "none" },
  },
  meta: { color: tokens.colorNeutralForeground3, fontSize: tokens.fontSizeBase200, display: "block" },
  reason: { display: "block", color: tokens.colorNeutralForeground2, overflowWrap: "anywhere" },
});

/** What happened, newest first as the trail gives it; each step leads to its entry. */
export function History({ items }: { items: AuditItem[] }) {
  const styles = useStyles();
  if (items.length === 0) {
    return <p>{text.common.history.empty}</p>;
  }
  return (
    <ol className={styles.list}>
      {items.map((item) => (
        <li key={`${item.log} ${item.seq}`} className={styles.item}>
          <AppLink plain href={paths.trailEntry(item.log, item.seq)}>
            {item.text}
          </AppLink>
          {item.reason !== null && <span className={styles.reason}>“{item.reason}”</span>}
          <span className={styles.meta}>
            <Ago at={item.at} /> {text.common.history.by(actorName(item.actor))}
          </span>
        </li>
      ))}
    </ol>
  );
}
