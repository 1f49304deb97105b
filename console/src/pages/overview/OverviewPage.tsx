import { MessageBar, MessageBarBody, MessageBarTitle, makeStyles, tokens } from "@fluentui/react-components";
import { useOverview } from "../../api/hooks/overview";
import type { Overview, Source } from "../../api/types";
import { Amounts } from "../../components/Amounts";
import { AppLink } from "../../components/AppLink";
import { BarChart } from "../../components/BarChart";
import { EmptyState } from "../../components/EmptyState";
import { History } from "../../components/History";
import { PageHeader, Section } from "../../components/PageHeader";
import { Loaded } from "../../components/PageStates";
import { SourceTable } from "../../components/SourceTable";
import { StateBadge } from "../../components/StateBadge";
import { StatTile } from "../../components/StatTile";
import { Ago } from "../../components/When";
import { formatAmounts, formatCount, isZero } from "../../format";
import { paths } from "../../paths";
import { text } from "../../text";

const useStyles = makeStyles({
  tiles: {
    display: "grid",
    gridTemplateColumns: "repeat(auto-fit, minmax(min(45%, 190px), 1fr))",
    gap: tokens.spacingHorizontalM,
    marginBottom: tokens.spacingVerticalL,
  },
  grid: {
    display: "grid",
    gridTemplateColumns: "minmax(0, 3fr) minmax(0, 2fr)",
    gap: tokens.spacingHorizontalL,
    alignItems: "start",
    "@media (max-width: 1099px)": { gridTemplateColumns: "minmax(0, 1fr)" },
  },
  column: { display: "grid", gap: tokens.spacingVerticalL, minWidth: 0 },
  notice: { marginBottom: tokens.spacingVerticalM },
  states: { listStyleType: "none", margin: 0, padding: 0, display: "grid", gap: tokens.spacingVerticalS },
  state: { display: "flex", justifyContent: "space-between", alignItems: "center", gap: tokens.spacingHorizontalS },
  number: { fontVariantNumeric: "tabular-nums", fontWeight: tokens.fontWeightSemibold },
  facts: {
    display: "grid",
    gridTemplateColumns: "auto 1fr",
    gap: `${tokens.spacingVerticalXS} ${tokens.spacingHorizontalL}`,
    margin: `${tokens.spacingVerticalM} 0 0`,
  },
  value: { margin: 0, textAlign: "end" },
});

/** What it is worth, and what needs me. */
export function OverviewPage() {
  const overview = useOverview();
  return (
    <>
      <PageHeader
        title={text.overview.title}
        lead={overview.data && text.overview.lead(overview.data.people, overview.data.seats)}
      />
      <Loaded query={overview}>{(data) => <Figures data={data} />}</Loaded>
    </>
  );
}

function Figures({ data }: { data: Overview }) {
  const styles = useStyles();
  return (
    <>
      <Notices data={data} />
      <Tiles data={data} />
      <div className={styles.grid}>
        <div className={styles.column}>
          <BySku data={data} />
          <ByJustification data={data} />
          <Sources sources={data.sources} />
        </div>
        <div className={styles.column}>
          <Candidates data={data} />
          <Section
            title={text.overview.recent}
            actions={<AppLink href={paths.trail()}>{text.overview.allRecent}</AppLink>}
          >
            <History items={data.recent} />
          </Section>
        </div>
      </div>
    </>
  );
}

function Notices({ data }: { data: Overview }) {
  const styles = useStyles();
  return (
    <>
      {data.waits_because !== null && data.freeze === null && (
        <MessageBar intent="warning" layout="multiline" className={styles.notice}>
          <MessageBarBody>
            <MessageBarTitle>{text.overview.waits}</MessageBarTitle>
            {data.waits_because}
          </MessageBarBody>
        </MessageBar>
      )}
      {data.warnings.map((warning) => (
        <MessageBar
          key={warning.purpose}
          intent={warning.level <= 1 ? "error" : "warning"}
          layout="multiline"
          className={styles.notice}
        >
          <MessageBarBody>
            <MessageBarTitle>{warning.message}</MessageBarTitle>
            {warning.remedy}{" "}
            <AppLink inline href={paths.application(data.tenant.tenant_id)}>
              {text.overview.connectionLink}
            </AppLink>
          </MessageBarBody>
        </MessageBar>
      ))}
      {data.attention > 0 && (
        <MessageBar intent="error" className={styles.notice}>
          <MessageBarBody>
            {text.overview.attention(data.attention)}.{" "}
            <AppLink inline href={paths.candidates({ state: "attention_required" })}>
              {text.overview.attentionLink}
            </AppLink>
          </MessageBarBody>
        </MessageBar>
      )}
      {data.undecided_writes.count > 0 && (
        <MessageBar intent="warning" className={styles.notice}>
          <MessageBarBody>
            {text.overview.undecided(data.undecided_writes.count)} (<Ago at={data.undecided_writes.oldest_since} />
            ).{" "}
            <AppLink inline href={paths.candidates({ state: ["revoking", "restoring"] })}>
              {text.overview.attentionLink}
            </AppLink>
          </MessageBarBody>
        </MessageBar>
      )}
    </>
  );
}

function Tiles({ data }: { data: Overview }) {
  const styles = useStyles();
  const words = text.overview.tiles;
  return (
    <section className={styles.tiles} aria-label={words.label}>
      <StatTile
        label={words.annualSpend}
        value={<Amounts amounts={data.annual_spend} short />}
        note={words.annualSpendNote(data.unpriced.length)}
        href={paths.skus()}
      />
      <StatTile
        tone="recoverable"
        label={words.recoverable}
        value={
          <Amounts amounts={data.recoverable} short unknown={data.findings.idle === 0 ? words.nothing : undefined} />
        }
        note={words.recoverableNote(data.findings.idle)}
        href={paths.seats({ kind: "idle" })}
      />
      <StatTile
        tone="proven"
        label={words.proven}
        value={<Amounts amounts={data.proven_savings} short unknown={words.nothing} />}
        note={words.provenNote(data.candidates.closed_complete ?? 0)}
        href={paths.candidates({ state: "closed_complete" })}
      />
      <StatTile
        label={words.needsPerson}
        value={formatCount(data.findings.needs_person)}
        note={
          isZero(data.needs_person_value)
            ? words.needsPersonPlain
            : words.needsPersonNote(formatAmounts(data.needs_person_value, undefined, true))
        }
        href={paths.seats({ kind: "needs_person" })}
      />
      <StatTile
        label={text.overview.insufficient}
        value={formatCount(data.findings.insufficient_evidence)}
        note={text.overview.insufficientNote}
        href={paths.seats({ kind: "insufficient_evidence" })}
      />
    </section>
  );
}

function BySku({ data }: { data: Overview }) {
  const unpriced = new Set(data.unpriced.map((sku) => sku.sku_id));
  const bars = data.by_sku
    // What costs nothing has no bar; what has no price yet is named below them.
    .filter((sku) => sku.idle > 0 && (sku.recoverable !== null || unpriced.has(sku.sku_id)))
    .map((sku) => ({
      key: sku.sku_id,
      label: sku.name,
      href: paths.sku(sku.sku_id, { kind: "idle" }),
      amounts: sku.recoverable,
      note: text.common.seats(sku.idle),
    }));
  return (
    <Section title={text.overview.bySku}>
      <BarChart
        label={text.overview.bySku}
        what={text.overview.bySkuWhat}
        measure={text.overview.bySkuMeasure}
        bars={bars}
        empty={text.overview.bySkuEmpty}
        unknown={text.overview.noPrice}
      />
    </Section>
  );
}

function ByJustification({ data }: { data: Overview }) {
  const bars = data.by_justification.map((one) => ({
    key: one.justification,
    label: one.label,
    href: paths.seats({ justification: one.justification }),
    amounts: one.recoverable,
    note: text.common.seats(one.seats),
  }));
  return (
    <Section title={text.overview.byJustification}>
      <BarChart
        label={text.overview.byJustification}
        what={text.overview.byJustificationWhat}
        measure={text.overview.bySkuMeasure}
        bars={bars}
        empty={text.overview.byJustificationEmpty}
        unknown={text.overview.noPrice}
      />
    </Section>
  );
}

function Candidates({ data }: { data: Overview }) {
  const styles = useStyles();
  const states = Object.entries(data.candidates).filter(([, count]) => count > 0);
  return (
    <Section
      title={text.overview.candidates}
      actions={<AppLink href={paths.candidates()}>{text.overview.allCandidates}</AppLink>}
    >
      {states.length === 0 ? (
        <EmptyState
          title={text.overview.candidatesEmpty}
          hint={text.overview.candidatesHint}
          action={<AppLink href={paths.skus()}>{text.frame.pages.recoverable}</AppLink>}
        />
      ) : (
        <ul className={styles.states}>
          {states.map(([state, count]) => (
            <li key={state} className={styles.state}>
              <StateBadge state={state} />
              <AppLink href={paths.candidates({ state })} className={styles.number}>
                {formatCount(count)}
              </AppLink>
            </li>
          ))}
        </ul>
      )}
      <dl className={styles.facts}>
        <dt>{text.overview.next}</dt>
        <dd className={styles.value}>
          {data.next_due_at === null ? text.overview.nextNothing : <Ago at={data.next_due_at} />}
        </dd>
        <dt>{text.overview.budget}</dt>
        <dd className={styles.value}>{text.overview.budgetValue(data.budget.started_today, data.budget.per_day)}</dd>
      </dl>
    </Section>
  );
}

function Sources({ sources }: { sources: Source[] }) {
  return (
    <Section
      title={text.overview.sources}
      actions={<AppLink href={paths.applications()}>{text.frame.pages.applications}</AppLink>}
    >
      <SourceTable sources={sources} />
    </Section>
  );
}
