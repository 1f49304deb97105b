import { Badge, Button, makeStyles, tokens } from "@fluentui/react-components";
import { useParams } from "@tanstack/react-router";
import { useState } from "react";
import { useSeat } from "../../api/hooks/skus";
import type { SeatDetail } from "../../api/types";
import { Amounts } from "../../components/Amounts";
import { AppLink } from "../../components/AppLink";
import { BulkResults } from "../../components/BulkResults";
import type { BulkResult } from "../../components/bulk-results";
import { EvidenceTable } from "../../components/EvidenceTable";
import { Fact, Facts } from "../../components/Facts";
import { PageHeader, Section } from "../../components/PageHeader";
import { Loaded } from "../../components/PageStates";
import { StateBadge } from "../../components/StateBadge";
import { Ago, Day } from "../../components/When";
import { formatCount, formatDay, UNKNOWN } from "../../format";
import { useMay } from "../../frame/session";
import { paths } from "../../paths";
import { text } from "../../text";
import { PathList } from "../candidates/PathList";
import { canChoose } from "./choice";
import { SeatDialog, type Step } from "./SeatDialog";

const useStyles = makeStyles({
  stack: { display: "grid", gridTemplateColumns: "minmax(0, 1fr)", gap: tokens.spacingVerticalL },
  note: { margin: `0 0 ${tokens.spacingVerticalM}`, color: tokens.colorNeutralForeground2 },
});

/** One seat: who holds it and how, what was found, and on what evidence. */
export function SeatPage() {
  const { seatId = "" } = useParams({ strict: false }) as { seatId?: string };
  const seat = useSeat(seatId);
  return <Loaded query={seat}>{(data) => <Record seat={data} />}</Loaded>;
}

function Record({ seat }: { seat: SeatDetail }) {
  const styles = useStyles();
  const words = text.seats.detail;
  const [step, setStep] = useState<Step | null>(null);
  const [results, setResults] = useState<BulkResult[]>([]);
  const may = useMay("manage_candidates") && canChoose(seat);
  return (
    <>
      <PageHeader
        title={words.title(seat.sku.name, seat.person.display_name)}
        lead={seat.finding?.why ?? words.noFinding}
        parent={{ label: text.seats.title, href: paths.seats() }}
        badge={
          seat.finding !== null && (
            <Badge appearance="tint" color="informative">
              {seat.finding.kind_label}
            </Badge>
          )
        }
        actions={
          may && (
            <>
              {seat.candidate === null && <Button onClick={() => setStep("open")}>{words.open}</Button>}
              <Button appearance="primary" onClick={() => setStep("reclaim")}>
                {text.seats.reclaim}
              </Button>
            </>
          )
        }
      />
      <BulkResults results={results} onDismiss={() => setResults([])} />
      <div className={styles.stack}>
        <About seat={seat} />
        <Found seat={seat} />
      </div>
      <SeatDialog step={step} seats={[seat]} onClose={() => setStep(null)} onDone={setResults} />
    </>
  );
}

function About({ seat }: { seat: SeatDetail }) {
  const words = text.seats.detail;
  const { person, sku, finding, candidate } = seat;
  return (
    <Section title={words.facts}>
      <Facts>
        <Fact name={words.person}>
          <AppLink inline href={paths.person(person.user_id)}>
            {person.display_name}
          </AppLink>
          {person.department !== null && ` · ${person.department}`}
        </Fact>
        <Fact name={words.account}>
          {person.account_enabled ? text.common.accountEnabled : text.common.accountDisabled}
        </Fact>
        <Fact name={words.license}>
          <AppLink href={paths.sku(sku.sku_id)}>{sku.name}</AppLink>
        </Fact>
        <Fact name={words.path}>
          <PathList paths={seat.paths} />
        </Fact>
        <Fact name={words.since}>
          <Day day={seat.license_since} />
        </Fact>
        <Fact name={words.lastUse}>
          {finding === null ? UNKNOWN : finding.last_activity === null ? words.noUse : formatDay(finding.last_activity)}
        </Fact>
        <Fact name={words.idle}>{finding?.idle_days == null ? UNKNOWN : text.seats.idleDays(finding.idle_days)}</Fact>
        <Fact name={words.cost}>
          <Amounts amounts={seat.annual_cost} unknown={text.candidates.noPrice} />
        </Fact>
        <Fact name={words.candidate}>
          {candidate === null ? (
            words.noCandidate
          ) : (
            <>
              <AppLink inline href={paths.candidate(candidate.candidate_id)}>
                {text.candidates.about.number(candidate.number)}
              </AppLink>{" "}
              <StateBadge state={candidate.state} label={candidate.state_label} />
            </>
          )}
        </Fact>
      </Facts>
    </Section>
  );
}

function Found({ seat }: { seat: SeatDetail }) {
  const styles = useStyles();
  const words = text.seats.detail;
  const finding = seat.finding;
  if (finding === null) {
    return <Section title={words.evidence}>{words.noFinding}</Section>;
  }
  return (
    <Section title={words.evidence}>
      <p className={styles.note}>
        {finding.kind === "in_use" && `${words.inUse} `}
        {finding.kind === "insufficient_evidence" && `${words.insufficient} `}
        {words.decided} <Ago at={finding.decided_at} /> · {words.rule} {formatCount(finding.rule_version)}
      </p>
      <EvidenceTable evidence={finding.evidence} missing={finding.missing} />
    </Section>
  );
}
