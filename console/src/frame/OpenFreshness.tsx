import { makeStyles, Popover, PopoverSurface, PopoverTrigger, tokens } from "@fluentui/react-components";
import { useEffect, useRef } from "react";
import type { Source } from "../api/types";
import { Ago } from "../components/When";
import { formatSpan } from "../format";
import { text } from "../text";
import { FreshnessLine } from "./Freshness";
import { bySourceUrgency, isTroubled } from "./freshness";
import { own } from "./theme";

const useStyles = makeStyles({
  troubled: { color: own.trouble },
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

/** Every source with its age and its limit; open at first, since somebody asked for it. */
export function OpenFreshness({ sources }: { sources: Source[] }) {
  const styles = useStyles();
  const words = text.frame.freshness;
  // The button that was pressed is gone; this one stands in its place.
  const line = useRef<HTMLButtonElement>(null);
  useEffect(() => line.current?.focus(), []);
  return (
    // Within the header, so that what it says stays within a landmark.
    <Popover withArrow inline defaultOpen>
      <PopoverTrigger disableButtonEnhancement>
        <FreshnessLine ref={line} sources={sources} />
      </PopoverTrigger>
      <PopoverSurface className={styles.surface} aria-label={words.title}>
        <h2 className={styles.title}>{words.title}</h2>
        <ul className={styles.list}>
          {bySourceUrgency(sources).map((source) => (
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
