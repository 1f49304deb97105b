import { Button, makeStyles, tokens } from "@fluentui/react-components";
import { CheckmarkCircle20Regular, Warning20Filled } from "@fluentui/react-icons";
import { lazy, type Ref, Suspense, useState } from "react";
import type { Source } from "../api/types";
import { useNow } from "../components/now";
import { formatAge } from "../format";
import { text } from "../text";
import { bySourceUrgency, isTroubled } from "./freshness";
import { own } from "./theme";

// All sources are told when somebody asks; until then the line is a plain button.
const OpenFreshness = lazy(() => import("./OpenFreshness").then((module) => ({ default: module.OpenFreshness })));

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
});

/** At most this many are named in the bar; all of them are told when asked. */
const NAMED = 3;

/** "People 3 minutes ago · Activity 2 days ago": red when evidence is too old to find anything with. */
export function Freshness({ sources }: { sources: Source[] }) {
  const [asked, setAsked] = useState(false);
  const line = <FreshnessLine sources={sources} aria-haspopup="dialog" onClick={() => setAsked(true)} />;
  return asked ? (
    <Suspense fallback={line}>
      <OpenFreshness sources={sources} />
    </Suspense>
  ) : (
    line
  );
}

type ButtonProps = React.ComponentProps<typeof Button>;

/** The line itself; a popover's trigger hands it the rest. */
export function FreshnessLine({
  sources,
  ref,
  ...rest
}: ButtonProps & { sources: Source[]; ref?: Ref<HTMLButtonElement> }) {
  const styles = useStyles();
  const now = useNow();
  const words = text.frame.freshness;
  const sorted = bySourceUrgency(sources);
  const troubled = sorted.some(isTroubled);
  const age = (source: Source) => (source.as_of === null ? words.never : formatAge(source.as_of, now));
  return (
    <Button
      {...(rest as object)}
      ref={ref}
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
  );
}
