import { Button, makeStyles, tokens } from "@fluentui/react-components";
import { useState } from "react";
import { type ActionName, useCandidates } from "../../api/hooks/candidates";
import { useOverview } from "../../api/hooks/overview";
import { useSkus } from "../../api/hooks/skus";
import type { Candidate } from "../../api/types";
import { Amounts } from "../../components/Amounts";
import { AppLink } from "../../components/AppLink";
import { BulkResults } from "../../components/BulkResults";
import type { BulkResult } from "../../components/bulk-results";
import { Chips } from "../../components/Chips";
import { DataTable } from "../../components/DataTable";
import { ChoiceFilter, FilterBar, TextFilter } from "../../components/FilterBar";
import { PageHeader, Section } from "../../components/PageHeader";
import { SelectionBar } from "../../components/SelectionBar";
import { StateBadge } from "../../components/StateBadge";
import { useClearedWith, useSelection } from "../../components/selection";
import { Ago } from "../../components/When";
import { formatCount, UNKNOWN } from "../../format";
import { useMay } from "../../frame/session";
import { paths } from "../../paths";
import { useFilters } from "../../table/useFilters";
import { text } from "../../text";
import { BulkAction } from "./BulkAction";
import { isChosen, stateChips } from "./chosen";

const KEYS = ["state", "q", "sku_id", "justification", "assigned"] as const;

const useStyles = makeStyles({
  second: { display: "block", color: tokens.colorNeutralForeground2, fontSize: tokens.fontSizeBase200 },
});

/** Where each candidate stands. */
export function CandidatesPage() {
  const filters = useFilters(KEYS);
  const list = useCandidates(filters.values);
  const selection = useSelection();
  const [asked, setAsked] = useState<ActionName | null>(null);
  const [results, setResults] = useState<BulkResult[]>([]);
  const actions = useBulkActions();
  const words = text.candidates;
  useClearedWith(JSON.stringify(filters.values), selection.clear);
  const chosen = list.rows.filter((row) => selection.chosen.has(row.candidate_id));
  return (
    <>
      <PageHeader title={words.title} lead={words.lead} />
      <BulkResults results={results} onDismiss={() => setResults([])} />
      <Section quiet title={words.title}>
        <StateChips chosen={filters.all("state")} onChange={(state) => filters.set({ state })} />
        <CandidateFilters filters={filters} />
        <Table list={list} selection={actions.length > 0 ? selection : undefined} filtered={filters.active} />
        <SelectionBar count={chosen.length} onClear={selection.clear}>
          {actions.map((action, index) => (
            <Button
              key={action.action}
              appearance={index === 0 ? "primary" : "secondary"}
              onClick={() => setAsked(action.action)}
            >
              {action.label}
            </Button>
          ))}
        </SelectionBar>
      </Section>
      <BulkAction
        asked={asked}
        label={actions.find((action) => action.action === asked)?.label ?? ""}
        candidates={chosen}
        onClose={() => setAsked(null)}
        onDone={(done) => {
          setResults(done);
          selection.clear();
        }}
      />
    </>
  );
}

/** What the roles allow for many at once; the server answers for each one. */
function useBulkActions(): { action: ActionName; label: string }[] {
  const decides = useMay("decide");
  const manages = useMay("manage_candidates");
  const labels = text.candidates.bulk.labels;
  return [
    ...(decides ? [{ action: "approve" as const, label: labels.approve }] : []),
    ...(manages ? [{ action: "start" as const, label: labels.start }] : []),
    ...(decides || manages ? [{ action: "keep" as const, label: labels.keep }] : []),
  ];
}

function StateChips({ chosen, onChange }: { chosen: string[]; onChange: (states: string[]) => void }) {
  const counts = useOverview().data?.candidates ?? {};
  const decides = useMay("decide");
  const chips = stateChips(counts, chosen, decides).map((chip) => ({
    key: chip.key,
    label: chip.count === null ? chip.label : `${chip.label} ${formatCount(chip.count)}`,
    on: isChosen(chip, chosen),
    onToggle: () => onChange(isChosen(chip, chosen) ? [] : chip.states),
  }));
  return <Chips label={text.candidates.filters.states} chips={chips} />;
}

type PageFilters = ReturnType<typeof useFilters<(typeof KEYS)[number]>>;

function CandidateFilters({ filters }: { filters: PageFilters }) {
  const words = text.candidates.filters;
  const skus = useSkus().rows;
  return (
    <FilterBar active={filters.active} onClear={filters.clear}>
      <TextFilter label={words.search} value={filters.get("q")} onChange={(q) => filters.set({ q })} />
      <ChoiceFilter
        label={words.sku}
        value={filters.get("sku_id")}
        onChange={(sku_id) => filters.set({ sku_id })}
        options={[{ value: "", label: words.allSkus }, ...skus.map((sku) => ({ value: sku.sku_id, label: sku.name }))]}
      />
      <ChoiceFilter
        label={words.justification}
        value={filters.get("justification")}
        onChange={(justification) => filters.set({ justification })}
        options={[
          { value: "", label: words.allJustifications },
          ...Object.entries(text.common.justifications).map(([value, label]) => ({ value, label })),
        ]}
      />
    </FilterBar>
  );
}

interface TableProps {
  list: ReturnType<typeof useCandidates>;
  selection: ReturnType<typeof useSelection> | undefined;
  filtered: boolean;
}

function Table({ list, selection, filtered }: TableProps) {
  const styles = useStyles();
  const words = text.candidates;
  const columns = words.columns;
  return (
    <DataTable<Candidate>
      label={words.title}
      list={list}
      selection={selection}
      rowKey={(one) => one.candidate_id}
      rowName={(one) => words.titleOf(one.number, one.sku.name, one.person.display_name)}
      rowHref={(one) => paths.candidate(one.candidate_id)}
      canChoose={(one) => one.closed_at === null}
      empty={
        filtered
          ? { title: text.common.noMatch, hint: text.common.noMatchHint }
          : {
              title: words.empty,
              hint: words.emptyHint,
              action: <AppLink href={paths.skus()}>{text.frame.pages.recoverable}</AppLink>,
            }
      }
      columns={[
        {
          key: "candidate",
          label: columns.candidate,
          render: (one) => words.nameOf(one.number, one.person.display_name),
        },
        { key: "license", label: columns.license, render: (one) => one.sku.name },
        {
          key: "state",
          label: columns.state,
          render: (one) => (
            <>
              <StateBadge state={one.state} label={one.state_label} />
              {one.attention !== null && <span className={styles.second}>{one.attention.text}</span>}
            </>
          ),
        },
        { key: "why", label: columns.why, render: (one) => one.why },
        {
          key: "due",
          label: columns.due,
          render: (one) => (one.closed_at === null ? <Ago at={one.next_due_at} /> : UNKNOWN),
        },
        {
          key: "savings",
          label: columns.savings,
          align: "end",
          render: (one) => <Amounts amounts={one.annual_savings} unknown={words.noPrice} />,
        },
      ]}
    />
  );
}
