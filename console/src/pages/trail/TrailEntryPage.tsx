import { makeStyles, tokens } from "@fluentui/react-components";
import { useParams } from "@tanstack/react-router";
import { useTrailEntry } from "../../api/hooks/trail";
import type { AuditDetail } from "../../api/types";
import { AppLink } from "../../components/AppLink";
import { actorName } from "../../components/actor";
import { Fact, Facts } from "../../components/Facts";
import { PageHeader, Section } from "../../components/PageHeader";
import { Loaded } from "../../components/PageStates";
import { Moment } from "../../components/When";
import { UNKNOWN } from "../../format";
import { paths } from "../../paths";
import { text } from "../../text";
import { objectHref } from "./object";

const useStyles = makeStyles({
  stack: { display: "grid", gridTemplateColumns: "minmax(0, 1fr)", gap: tokens.spacingVerticalL },
  mono: { fontFamily: tokens.fontFamilyMonospace, fontSize: tokens.fontSizeBase200, overflowWrap: "anywhere" },
  details: {
    margin: 0,
    fontFamily: tokens.fontFamilyMonospace,
    fontSize: tokens.fontSizeBase200,
    whiteSpace: "pre-wrap",
    overflowWrap: "anywhere",
  },
});

/** One entry of the trail with what it holds and how it hangs in the chain. */
export function TrailEntryPage() {
  const { log = "", seq = "" } = useParams({ strict: false }) as { log?: string; seq?: string };
  const entry = useTrailEntry(log, Number(seq));
  return <Loaded query={entry}>{(data) => <Entry entry={data} />}</Loaded>;
}

/** A state in the words of the pages; what is no state stays as it was recorded. */
function stateText(value: string | null): string {
  return value === null ? UNKNOWN : (text.common.states[value] ?? value);
}

function Entry({ entry }: { entry: AuditDetail }) {
  const styles = useStyles();
  const words = text.trail.entry;
  const href = objectHref(entry.object);
  const about = `${entry.object.kind} ${entry.object.id}`;
  const mono = (value: string) => <span className={styles.mono}>{value}</span>;
  return (
    <>
      <PageHeader
        title={entry.text}
        lead={words.title(entry.seq)}
        parent={{ label: text.trail.title, href: paths.trail() }}
        actions={
          <AppLink href={paths.trail({ object_kind: entry.object.kind, object_id: entry.object.id })}>
            {words.all}
          </AppLink>
        }
      />
      <div className={styles.stack}>
        <Section title={words.facts}>
          <Facts>
            <Fact name={words.at}>
              <Moment at={entry.at} />
            </Fact>
            <Fact name={words.actor}>{actorName(entry.actor)}</Fact>
            <Fact name={words.object}>{href === null ? about : <AppLink href={href}>{about}</AppLink>}</Fact>
            {entry.person !== null && (
              <Fact name={words.person}>
                <AppLink href={paths.person(entry.person.user_id)}>{entry.person.user_id}</AppLink>
              </Fact>
            )}
            {(entry.from !== null || entry.to !== null) && (
              <Fact name={words.change}>{text.common.history.from(stateText(entry.from), stateText(entry.to))}</Fact>
            )}
            <Fact name={words.reason}>{entry.reason ?? UNKNOWN}</Fact>
            <Fact name={words.verb}>{mono(entry.verb)}</Fact>
            <Fact name={words.log}>{entry.log}</Fact>
          </Facts>
        </Section>
        <Section title={words.details}>
          <pre className={styles.details}>{JSON.stringify(entry.details, null, 2)}</pre>
        </Section>
        <Section title={words.chain}>
          <Facts>
            <Fact name={words.leaf}>{mono(entry.leaf_hash)}</Fact>
            <Fact name={words.prev}>{mono(entry.prev)}</Fact>
            <Fact name={words.hash}>{mono(entry.chain_hash)}</Fact>
          </Facts>
        </Section>
      </div>
    </>
  );
}
