import { Button, Link, makeStyles, tokens } from "@fluentui/react-components";
import { useDemoClock } from "../api/hooks/session";
import { useNotify } from "../components/notify";
import { useNow } from "../components/now";
import { formatClock } from "../format";
import { text } from "../text";
import { useMay, useSession } from "./session";

const useStyles = makeStyles({
  bar: {
    display: "flex",
    flexWrap: "wrap",
    alignItems: "center",
    gap: `${tokens.spacingVerticalXXS} ${tokens.spacingHorizontalS}`,
    padding: `${tokens.spacingVerticalXS} ${tokens.spacingHorizontalM}`,
    backgroundColor: tokens.colorNeutralBackground4,
    borderBottom: `1px solid ${tokens.colorNeutralStroke2}`,
    fontSize: tokens.fontSizeBase200,
  },
  what: { "@media (max-width: 719px)": { display: "none" } },
  label: { "@media (max-width: 479px)": { display: "none" } },
  now: { marginRight: "auto", fontVariantNumeric: "tabular-nums" },
});

const HOUR = 3600;
const DAY = 24 * HOUR;

/** Only a demo has it: its time can be moved, and its mail be read. */
export function DemoBar() {
  const styles = useStyles();
  const { demo } = useSession();
  const may = useMay("move_demo_clock");
  const clock = useDemoClock();
  const notify = useNotify();
  const now = useNow();
  const words = text.frame.demo;
  if (demo === null) {
    return null;
  }
  const advance = (seconds: number) =>
    clock.mutate(
      { advance_s: seconds },
      { onSuccess: (moved) => notify.info(words.moved(formatClock(moved.now))), onError: notify.failed },
    );
  return (
    <section className={styles.bar} aria-label={words.label}>
      <strong className={styles.label}>{words.label}</strong>
      <span className={styles.what}>{words.what}</span>
      <span className={styles.now}>{formatClock(now.toISOString())}</span>
      {may && (
        <>
          <Button size="small" disabledFocusable={clock.isPending} onClick={() => advance(HOUR)}>
            {words.hour}
          </Button>
          <Button size="small" disabledFocusable={clock.isPending} onClick={() => advance(DAY)}>
            {words.day}
          </Button>
        </>
      )}
      <Link href={demo.mail_url} target="_blank" rel="noreferrer">
        {words.mail}
      </Link>
    </section>
  );
}
