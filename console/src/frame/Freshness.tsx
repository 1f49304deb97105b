import { Button, makeStyles, Popover, PopoverSurface, PopoverTrigger, tokens } from "@fluentui/react-components";
import { CheckmarkCircle20Regular, Warning20Filled } from "@fluentui/react-icons";
import type { Source } from "../api/types";
import { useNow } from "../components/now";
import { Ago } from "../components/When";
import { formatAge, formatSpan } from "../format";
import { text } from "../text";
import { bySourceUrgency, isTroubled } from "./freshness";
import { own } from "./theme";

const useStyles = makeStyles({
  line: {
    fontWeight: tokens.fontWeightRegular,
    whiteSpace: "nowrap",
    minWidth: "32px",
    overflow: "hidden",
    "@media (max-width: 639px)": { paddingLeft: 0, paddingRight: 0 },
  },
  words: { overflow: "hidden", textOverflow: "ellipsis", "@media (max-width: 1099px)": { display: "none" } },
  troubled: { color: own.trouble },
  fresh: { color: tokens.colorStatusSuccessForeground1 },
  surface: { maxWidth: "420px" },
  title: { margin: 0, fontSize: tokens.fontSizeBase400 },
  list: {
    listStyleType: "none",
    padding: 0,
    margin: `${tokens.spacingVerticalS} 0`,
    display: "grid",
    gap: tokens.spacingVerticalS,
  },
  note: { display: "block", color: tokens.colorNeutralForeground3, fontSize: tokens.fontSizeBase200 },
});

/** At most this many are named in the bar; all of them are in the popover. */
const NAMED = 3;

/** "People 3 minutes ago · Activity 2 days ago": red when evidence is too old to find anything with. */
export function Freshness({ sources }: { sources: Source[] }) {
  const styles = useStyles();
  const now = useNow();
  const words = text.frame.freshness;
  const sorted = bySourceUrgency(sources);
  const troubled = sorted.some(isTroubled);
  const age = (source: Source) => (source.as_of === null ? words.never : formatAge(source.as_of, now));
  return (
    <Popover withArrow trapFocus>
      <PopoverTrigger disableButtonEnhancement>
        <Button
          appearance="subtle"
          className={styles.line}
          aria-label={`${words.label}: ${troubled ? words.someOld : words.allFresh}`}
          icon={
            troubled ? (
              <Warning20Filled className={styles.troubled} />
            ) : (
              <CheckmarkCircle20Regular className={styles.fresh} />
            )
          }
        >
          <span className={styles.words}>
            {sorted.slice(0, NAMED).map((source, index) => (
              <span key={source.source} className={isTroubled(source) ? styles.troubled : undefined}>
                {index > 0 && " · "}
                {source.label} {age(source)}
              </span>
            ))}
          </span>
        </Button>
      </PopoverTrigger>
      <PopoverSurface className={styles.surface} aria-label={words.title}>
        <h2 className={styles.title}>{words.title}</h2>
        <ul className={styles.list}>
          {sorted.map((source) => (
            <li key={source.source} className={isTroubled(source) ? styles.troubled : undefined}>
              {source.label}: {source.as_of === null ? words.never : <Ago at={source.as_of} />}
              {source.stale && ` (${words.tooOld})`}
              <span className={styles.note}>
                {source.problem ?? (source.limit_hours !== null && words.limit(formatSpan(source.limit_hours * 3600)))}
              </span>
            </li>
          ))}
        </ul>
        <span className={styles.note}>{words.explain}</span>
      </PopoverSurface>
    </Popover>
  );
}
