import { makeStyles, tokens } from "@fluentui/react-components";
import type { CandidateDetail, CandidateWrite } from "../../api/types";
import { Fact, Facts } from "../../components/Facts";
import { Section } from "../../components/PageHeader";
import { Ago } from "../../components/When";
import { formatSpan, UNKNOWN } from "../../format";
import { text } from "../../text";

const useStyles = makeStyles({
  write: { ":not(:first-child)": { marginTop: tokens.spacingVerticalXL } },
  heading: { margin: `0 0 ${tokens.spacingVerticalXXS}`, fontSize: tokens.fontSizeBase300 },
  state: { margin: `0 0 ${tokens.spacingVerticalS}`, color: tokens.colorNeutralForeground2 },
  id: { fontFamily: tokens.fontFamilyMonospace, fontSize: tokens.fontSizeBase200 },
});

/** What was sent to Microsoft, what came of it, and how it was proven. */
export function Writes({ writes }: { writes: CandidateDetail["writes"] }) {
  const words = text.candidates.writes;
  return (
    <Section title={words.title}>
      {writes.length === 0 ? words.none : writes.map((write) => <Write key={write.intent_id} write={write} />)}
    </Section>
  );
}

function Write({ write }: { write: CandidateWrite }) {
  const styles = useStyles();
  const words = text.candidates.writes;
  return (
    <div className={styles.write}>
      <h3 className={styles.heading}>{words.kinds[write.kind] ?? write.kind}</h3>
      <p className={styles.state}>{words.states[write.state] ?? write.state}</p>
      <Facts>
        <Fact name={words.written}>
          <Ago at={write.created_at} />
        </Fact>
        {write.evidence_age_seconds !== null && (
          <Fact name={words.age}>{words.ageOf(formatSpan(write.evidence_age_seconds))}</Fact>
        )}
        <Fact name={words.sends}>{words.times(write.sends)}</Fact>
        <Fact name={words.readings}>
          {words.agreeing(write.agreeing_reads, words.said[write.last_reading ?? ""] ?? write.last_reading ?? "")}
        </Fact>
        <Fact name={words.lastRead}>
          <Ago at={write.last_read_at} />
        </Fact>
        <Fact name={words.answered}>
          <Ago at={write.outcome_at} />
        </Fact>
        <Fact name={words.clientRequestId}>
          <span className={styles.id}>{write.client_request_id}</span>
        </Fact>
        <Fact name={words.requestId}>
          <span className={styles.id}>{write.request_id ?? UNKNOWN}</span>
        </Fact>
      </Facts>
    </div>
  );
}
