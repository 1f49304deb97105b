import { Button, MessageBar, MessageBarBody, MessageBarTitle, makeStyles, tokens } from "@fluentui/react-components";
import { useParams } from "@tanstack/react-router";
import { useCandidate } from "../../api/hooks/candidates";
import type { CandidateDetail, SkuRef } from "../../api/types";
import { Amounts } from "../../components/Amounts";
import { AppLink } from "../../components/AppLink";
import { EvidenceTable } from "../../components/EvidenceTable";
import { Fact, Facts } from "../../components/Facts";
import { History } from "../../components/History";
import { PageHeader, Section } from "../../components/PageHeader";
import { Loaded } from "../../components/PageStates";
import { StateBadge } from "../../components/StateBadge";
import { Ago } from "../../components/When";
import { formatDay, UNKNOWN } from "../../format";
import { paths } from "../../paths";
import { useFilters } from "../../table/useFilters";
import { text } from "../../text";
import { CandidateActions } from "./CandidateActions";
import { PathList } from "./PathList";
import { Workflow } from "./Workflow";
import { Writes } from "./Writes";

const KEYS = ["workflow"] as const;

const useStyles = makeStyles({
  stack: { display: "grid", gridTemplateColumns: "minmax(0, 1fr)", gap: tokens.spacingVerticalL },
  grid: {
    display: "grid",
    gridTemplateColumns: "minmax(0, 3fr) minmax(0, 2fr)",
    gap: tokens.spacingHorizontalL,
    alignItems: "start",
    "@media (max-width: 1099px)": { gridTemplateColumns: "minmax(0, 1fr)" },
  },
  block: { display: "block" },
  note: { margin: `0 0 ${tokens.spacingVerticalM}`, color: tokens.colorNeutralForeground2 },
  skus: { margin: 0, paddingLeft: tokens.spacingHorizontalL },
  heading: {
    margin: `0 0 ${tokens.spacingVerticalXXS}`,
    fontSize: tokens.fontSizeBase300,
    ":not(:first-child)": { marginTop: tokens.spacingVerticalM },
  },
  id: { fontFamily: tokens.fontFamilyMonospace, fontSize: tokens.fontSizeBase200 },
});

/** One candidate: why it was found, where it stands, what can be done, and everything that was. */
export function CandidatePage() {
  const { candidateId = "" } = useParams({ strict: false }) as { candidateId?: string };
  const candidate = useCandidate(candidateId);
  return <Loaded query={candidate}>{(data) => <Record candidate={data} />}</Loaded>;
}

function Record({ candidate }: { candidate: CandidateDetail }) {
  const styles = useStyles();
  const filters = useFilters(KEYS);
  const words = text.candidates;
  const open = filters.get("workflow") !== "";
  return (
    <>
      <PageHeader
        title={words.titleOf(candidate.number, candidate.sku.name, candidate.person.display_name)}
        lead={candidate.why}
        parent={{ label: words.title, href: paths.candidates() }}
        badge={<StateBadge state={candidate.state} label={candidate.state_label} />}
        actions={
          <Button aria-expanded={open} onClick={() => filters.set({ workflow: open ? "" : "1" })}>
            {open ? words.workflow.hide : words.workflow.show}
          </Button>
        }
      />
      <div className={styles.stack}>
        <Notices candidate={candidate} />
        <CandidateActions candidate={candidate} />
        {open && <Workflow candidate={candidate} />}
        <div className={styles.grid}>
          <About candidate={candidate} />
          <div className={styles.stack}>
            <Effect candidate={candidate} />
            <GivenApproval candidate={candidate} />
          </div>
        </div>
        <Section title={words.evidence}>
          <p className={styles.note}>{words.evidenceNote}</p>
          <EvidenceTable evidence={candidate.evidence} missing={candidate.missing} />
        </Section>
        <div className={styles.grid}>
          <Writes writes={candidate.writes} />
          <Section title={words.history}>
            <History items={candidate.history} />
          </Section>
        </div>
      </div>
    </>
  );
}

function Notices({ candidate }: { candidate: CandidateDetail }) {
  const styles = useStyles();
  const words = text.candidates;
  return (
    <>
      {candidate.attention !== null && (
        <MessageBar intent="error" layout="multiline">
          <MessageBarBody>
            <MessageBarTitle>{words.attention.title}</MessageBarTitle>
            {candidate.attention.text}
            <span className={styles.block}>
              {words.attention.remedy}: {candidate.attention.remedy}
            </span>
          </MessageBarBody>
        </MessageBar>
      )}
      {candidate.keep !== null && (
        <MessageBar layout="multiline">
          <MessageBarBody>
            <MessageBarTitle>{words.kept(candidate.keep.reason)}</MessageBarTitle>
            {candidate.keep.until !== null && words.keptUntil(formatDay(candidate.keep.until))}
          </MessageBarBody>
        </MessageBar>
      )}
      {candidate.waits_because !== null && (
        <MessageBar intent="warning" layout="multiline">
          <MessageBarBody>{words.waitsBecause(candidate.waits_because)}</MessageBarBody>
        </MessageBar>
      )}
      {candidate.canceled !== null && (
        <MessageBar layout="multiline">
          <MessageBarBody>{candidate.canceled.text}</MessageBarBody>
        </MessageBar>
      )}
    </>
  );
}

function About({ candidate }: { candidate: CandidateDetail }) {
  const words = text.candidates.about;
  const { person, sku, rule, previous } = candidate;
  return (
    <Section title={words.title}>
      <Facts>
        <Fact name={words.person}>
          <AppLink inline href={paths.person(person.user_id)}>
            {person.display_name}
          </AppLink>
          {!person.account_enabled && ` · ${text.common.accountDisabled}`}
        </Fact>
        <Fact name={words.department}>{person.department ?? UNKNOWN}</Fact>
        <Fact name={words.license}>
          <AppLink href={paths.sku(sku.sku_id)}>{sku.name}</AppLink>
        </Fact>
        <Fact name={words.path}>
          <PathList paths={candidate.paths} empty={words.notHeld} />
        </Fact>
        <Fact name={words.savings}>
          <Amounts amounts={candidate.annual_savings} unknown={text.candidates.noPrice} />
        </Fact>
        <Fact name={words.due}>
          {candidate.closed_at !== null ? (
            UNKNOWN
          ) : candidate.next_due_at === null ? (
            words.noDue
          ) : (
            <Ago at={candidate.next_due_at} />
          )}
        </Fact>
        <Fact name={words.opened}>
          <Ago at={candidate.opened_at} />
        </Fact>
        {candidate.proposed_by !== null && (
          <Fact name={words.proposed}>
            {candidate.proposed_by}
            {candidate.bulk && `, ${words.bulk}`}
          </Fact>
        )}
        {candidate.closed_at !== null && (
          <Fact name={words.closed}>
            <Ago at={candidate.closed_at} />
          </Fact>
        )}
        <Fact name={words.rule}>{words.ruleOf(rule.name, rule.version)}</Fact>
        {previous !== null && (
          <Fact name={words.previous}>
            <AppLink inline href={paths.candidate(previous.candidate_id)}>
              {words.number(previous.number)}
            </AppLink>{" "}
            <StateBadge state={previous.state} label={previous.state_label} />
          </Fact>
        )}
      </Facts>
    </Section>
  );
}

function Effect({ candidate }: { candidate: CandidateDetail }) {
  const styles = useStyles();
  const words = text.candidates.effect;
  const gone = candidate.state === "closed_complete";
  return (
    <Section title={words.title}>
      <h3 className={styles.heading}>{gone ? words.wasRemoved : words.removed}</h3>
      <Skus skus={candidate.will_be_removed} empty={words.nothing} />
      <h3 className={styles.heading}>{words.stays}</h3>
      <Skus skus={candidate.will_stay} empty={words.staysNothing} />
    </Section>
  );
}

function Skus({ skus, empty }: { skus: SkuRef[]; empty: string }) {
  const styles = useStyles();
  if (skus.length === 0) {
    return empty;
  }
  return (
    <ul className={styles.skus}>
      {skus.map((sku) => (
        <li key={sku.sku_id}>{sku.name}</li>
      ))}
    </ul>
  );
}

function GivenApproval({ candidate }: { candidate: CandidateDetail }) {
  const styles = useStyles();
  const words = text.candidates.approval;
  const approval = candidate.approval;
  return (
    <Section title={words.title}>
      {approval === null ? (
        words.none
      ) : (
        <>
          {(approval.single_operator || candidate.sign_off) && <p className={styles.note}>{words.singleOperator}</p>}
          <Facts>
            <Fact name={words.by}>{approval.by}</Fact>
            <Fact name={words.at}>
              <Ago at={approval.at} />
            </Fact>
            <Fact name={words.id}>
              <span className={styles.id}>{approval.approval_id}</span>
            </Fact>
          </Facts>
        </>
      )}
    </Section>
  );
}
