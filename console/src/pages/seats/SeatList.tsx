import { Badge, Button, makeStyles, tokens } from "@fluentui/react-components";
import { useMemo, useState } from "react";
import { useSeats } from "../../api/hooks/skus";
import type { Seat } from "../../api/types";
import { Amounts } from "../../components/Amounts";
import { AppLink } from "../../components/AppLink";
import { BulkResults } from "../../components/BulkResults";
import type { BulkResult } from "../../components/bulk-results";
import { Chips } from "../../components/Chips";
import { type DataColumn, DataTable } from "../../components/DataTable";
import { Section } from "../../components/PageHeader";
import { SelectionBar } from "../../components/SelectionBar";
import { StateBadge } from "../../components/StateBadge";
import { useClearedWith, useSelection } from "../../components/selection";
import { Day } from "../../components/When";
import { formatAmounts, isZero, moneyOf, UNKNOWN } from "../../format";
import { useMay } from "../../frame/session";
import { paths } from "../../paths";
import { useFilters } from "../../table/useFilters";
import { text } from "../../text";
import { PathList } from "../candidates/PathList";
import { isOn, KEYS, PRESETS, toggled } from "./chips";
import { addAmounts, canChoose } from "./choice";
import { SeatDialog, type Step } from "./SeatDialog";
import { SeatFilters } from "./SeatFilters";

const useStyles = makeStyles({
  second: { display: "block", color: tokens.colorNeutralForeground3, fontSize: tokens.fontSizeBase200 },
  figures: {
    display: "flex",
    flexWrap: "wrap",
    alignItems: "center",
    gap: tokens.spacingHorizontalM,
    margin: `0 0 ${tokens.spacingVerticalS}`,
  },
  worth: { color: tokens.colorNeutralForeground2 },
  note: { color: tokens.colorNeutralForeground2, margin: `${tokens.spacingVerticalM} 0 0` },
});

interface SeatListProps {
  title: string;
  /** Within one license type; the address does not repeat it. */
  skuId?: string;
}

/** Seats under the address' filters, and what can be done with those that are chosen. */
export function SeatList({ title, skuId }: SeatListProps) {
  const filters = useFilters(KEYS);
  const values = useMemo(
    () => (skuId === undefined ? filters.values : { ...filters.values, sku_id: skuId }),
    [filters.values, skuId],
  );
  const list = useSeats(values);
  const selection = useSelection();
  const [step, setStep] = useState<Step | null>(null);
  const [results, setResults] = useState<BulkResult[]>([]);
  const manages = useMay("manage_candidates");
  const words = text.seats;
  const styles = useStyles();
  const columns = useColumns(skuId === undefined);
  useClearedWith(JSON.stringify(values), selection.clear);
  const chosen = list.rows.filter((row) => selection.chosen.has(row.seat_id));
  const able = list.rows.filter(canChoose);
  const worth = addAmounts(chosen.map((seat) => seat.annual_cost));
  return (
    <>
      <BulkResults results={results} onDismiss={() => setResults([])} />
      <Section quiet title={title}>
        <Chips
          label={words.chips.label}
          chips={PRESETS.map((preset) => ({
            key: preset.key,
            label: preset.label,
            on: isOn(preset, filters.values),
            onToggle: () => filters.set(toggled(preset, filters.values)),
          }))}
        />
        <SeatFilters filters={filters} withSku={skuId === undefined} />
        <div className={styles.figures}>
          {list.total !== null && <strong>{words.total(list.total)}</strong>}
          {!isZero(list.recoverable) && (
            <span className={styles.worth}>{words.recoverable(formatAmounts(list.recoverable))}</span>
          )}
          {manages && able.length > 0 && (
            <Button size="small" onClick={() => selection.onChange(new Set(able.map((seat) => seat.seat_id)))}>
              {words.selectShown(able.length)}
            </Button>
          )}
        </div>
        <DataTable<Seat>
          label={title}
          list={list}
          columns={columns}
          selection={manages ? selection : undefined}
          canChoose={canChoose}
          rowKey={(seat) => seat.seat_id}
          rowName={(seat) => words.dialog.name(seat.person.display_name, seat.sku.name)}
          rowHref={(seat) => paths.seat(seat.seat_id)}
          empty={
            filters.active
              ? { title: text.common.noMatch, hint: text.common.noMatchHint }
              : { title: words.empty, hint: words.emptyHint }
          }
        />
        {!manages && <p className={styles.note}>{words.mayNot}</p>}
        <SelectionBar
          count={chosen.length}
          note={moneyOf(worth).length > 0 && words.worth(formatAmounts(worth))}
          onClear={selection.clear}
        >
          <Button onClick={() => setStep("open")}>{words.open}</Button>
          <Button appearance="primary" onClick={() => setStep("reclaim")}>
            {words.reclaim}
          </Button>
        </SelectionBar>
      </Section>
      <SeatDialog
        step={step}
        seats={chosen}
        onClose={() => setStep(null)}
        onDone={(done) => {
          setResults(done);
          selection.clear();
        }}
      />
    </>
  );
}

function useColumns(withSku: boolean): DataColumn<Seat>[] {
  const styles = useStyles();
  const columns = text.seats.columns;
  return useMemo(() => {
    const sku: DataColumn<Seat>[] = withSku
      ? [{ key: "license", label: columns.license, render: (seat) => seat.sku.name }]
      : [];
    return [
      { key: "person", label: columns.person, render: (seat) => <Holder seat={seat} className={styles.second} /> },
      ...sku,
      {
        key: "why",
        label: columns.why,
        render: (seat) => (
          <>
            {seat.finding?.why ?? text.seats.noFinding}
            {seat.finding?.kind === "needs_person" && (
              <span className={styles.second}>{text.people.kinds.needs_person}</span>
            )}
          </>
        ),
      },
      { key: "idle", label: columns.idle, align: "end", render: idleOf },
      { key: "since", label: columns.since, render: (seat) => <Day day={seat.license_since} /> },
      { key: "path", label: columns.path, render: (seat) => <PathList paths={seat.paths} /> },
      {
        key: "candidate",
        label: columns.candidate,
        render: (seat) =>
          seat.candidate === null ? (
            UNKNOWN
          ) : (
            <AppLink href={paths.candidate(seat.candidate.candidate_id)}>
              <StateBadge state={seat.candidate.state} label={seat.candidate.state_label} />
            </AppLink>
          ),
      },
      {
        key: "cost",
        label: columns.cost,
        align: "end",
        render: (seat) => <Amounts amounts={seat.annual_cost} unknown={text.candidates.noPrice} />,
      },
    ];
  }, [withSku, columns, styles]);
}

function Holder({ seat, className }: { seat: Seat; className: string }) {
  const { person } = seat;
  return (
    <>
      {person.display_name}{" "}
      {!person.account_enabled && (
        <Badge appearance="tint" color="warning">
          {text.common.accountDisabled}
        </Badge>
      )}
      <span className={className}>
        {person.user_principal_name}
        {person.department !== null && ` · ${person.department}`}
      </span>
    </>
  );
}

function idleOf(seat: Seat): string {
  const days = seat.finding?.idle_days ?? null;
  if (days !== null) {
    return text.seats.idleDays(days);
  }
  return seat.finding?.justifications.includes("never_used") ? text.seats.neverUsed : UNKNOWN;
}
