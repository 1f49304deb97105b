import { MessageBar, MessageBarBody, makeStyles, tokens } from "@fluentui/react-components";
import { useOverview } from "../../api/hooks/overview";
import { useSkus } from "../../api/hooks/skus";
import type { Amounts as AmountsByCurrency, Overview, Sku } from "../../api/types";
import { Amounts } from "../../components/Amounts";
import { AppLink } from "../../components/AppLink";
import { type DataColumn, DataTable } from "../../components/DataTable";
import { PageHeader, Section } from "../../components/PageHeader";
import { StatTile } from "../../components/StatTile";
import { formatCount, moneyOf } from "../../format";
import { paths } from "../../paths";
import { text } from "../../text";
import { PriceButton, PricedAmount } from "./PriceCell";

const useStyles = makeStyles({
  tiles: {
    display: "grid",
    gridTemplateColumns: "repeat(auto-fit, minmax(min(45%, 190px), 1fr))",
    gap: tokens.spacingHorizontalM,
    marginBottom: tokens.spacingVerticalL,
  },
  notice: { marginBottom: tokens.spacingVerticalL },
  second: { display: "block", color: tokens.colorNeutralForeground3, fontSize: tokens.fontSizeBase200 },
  priced: {
    display: "inline-flex",
    flexWrap: "wrap",
    justifyContent: "flex-end",
    alignItems: "center",
    gap: tokens.spacingHorizontalS,
  },
});

/** Where the waste is, by license type. */
export function SkusPage() {
  const overview = useOverview().data;
  const list = useSkus();
  const columns = useColumns();
  const words = text.seats.skus;
  return (
    <>
      <PageHeader title={words.title} lead={words.lead} />
      {overview !== undefined && <Totals overview={overview} />}
      <Section quiet title={words.table}>
        <DataTable<Sku>
          label={words.table}
          list={list}
          columns={columns}
          rowKey={(sku) => sku.sku_id}
          rowHref={(sku) => paths.sku(sku.sku_id)}
          empty={{
            title: words.empty,
            hint: words.emptyHint,
            action: <AppLink href={paths.applications()}>{text.frame.pages.applications}</AppLink>,
          }}
        />
      </Section>
    </>
  );
}

function Totals({ overview }: { overview: Overview }) {
  const styles = useStyles();
  const words = text.seats.skus;
  return (
    <>
      {overview.unpriced.length > 0 && (
        <MessageBar intent="warning" layout="multiline" className={styles.notice}>
          <MessageBarBody>{words.unpriced(overview.unpriced.length)}</MessageBarBody>
        </MessageBar>
      )}
      <section className={styles.tiles} aria-label={text.overview.tiles.label}>
        <StatTile label={words.spend} value={<Amounts amounts={overview.annual_spend} short />} />
        <StatTile
          tone="recoverable"
          label={words.recoverable}
          value={<Amounts amounts={overview.recoverable} short />}
          href={paths.seats({ kind: "idle" })}
        />
        <StatTile label={words.idle} value={formatCount(overview.findings.idle)} href={paths.seats({ kind: "idle" })} />
        <StatTile
          label={words.needsPerson}
          value={formatCount(overview.findings.needs_person)}
          href={paths.seats({ kind: "needs_person" })}
        />
      </section>
    </>
  );
}

function useColumns(): DataColumn<Sku>[] {
  const styles = useStyles();
  const words = text.seats.skus;
  const count = (key: string, label: string, of: (sku: Sku) => number, kind?: string): DataColumn<Sku> => ({
    key,
    label,
    align: "end",
    compare: (a, b) => of(a) - of(b),
    render: (sku) =>
      kind === undefined || of(sku) === 0 ? (
        formatCount(of(sku))
      ) : (
        <AppLink href={paths.sku(sku.sku_id, { kind })}>{formatCount(of(sku))}</AppLink>
      ),
  });
  return [
    {
      key: "name",
      label: words.name,
      compare: (a, b) => a.name.localeCompare(b.name),
      render: (sku) => (
        <>
          {sku.name}
          <span className={styles.second}>
            {[
              sku.part_number,
              sku.assignable_to_people ? "" : words.notForPeople,
              sku.capability_status === "Enabled" ? "" : words.status(sku.capability_status),
            ]
              .filter((part) => part !== "")
              .join(" · ")}
          </span>
        </>
      ),
    },
    count("purchased", words.purchased, (sku) => sku.purchased),
    count("assigned", words.assigned, (sku) => sku.assigned),
    count("free", words.free, (sku) => sku.free),
    count("idle", words.idle, (sku) => sku.idle, "idle"),
    count("insufficient", words.insufficient, (sku) => sku.insufficient_evidence, "insufficient_evidence"),
    count("needsPerson", words.needsPerson, (sku) => sku.needs_person, "needs_person"),
    {
      key: "spend",
      label: words.spend,
      align: "end",
      compare: (a, b) => byMoney(a.annual_spend, b.annual_spend),
      render: (sku) => (
        <span className={styles.priced}>
          <PricedAmount sku={sku} amounts={sku.annual_spend} />
          {sku.price === null && <PriceButton sku={sku} />}
        </span>
      ),
    },
    {
      key: "recoverable",
      label: words.recoverable,
      align: "end",
      compare: (a, b) => byMoney(a.recoverable, b.recoverable),
      render: (sku) => <PricedAmount sku={sku} amounts={sku.recoverable} />,
    },
  ];
}

/** Within one currency by amount; currencies one after the other; without a price first, so last when sorted down. */
function byMoney(a: AmountsByCurrency | null, b: AmountsByCurrency | null): number {
  const x = moneyOf(a)[0];
  const y = moneyOf(b)[0];
  if (x === undefined || y === undefined) {
    return Number(x !== undefined) - Number(y !== undefined);
  }
  return y.currency.localeCompare(x.currency) || Number(x.amount) - Number(y.amount);
}
