import {
  Button,
  MessageBar,
  MessageBarActions,
  MessageBarBody,
  MessageBarTitle,
  makeStyles,
  tokens,
} from "@fluentui/react-components";
import { useTrail, useTrailReport } from "../../api/hooks/trail";
import type { AuditItem, TrailReport } from "../../api/types";
import { actorName } from "../../components/actor";
import { DataTable } from "../../components/DataTable";
import { ChoiceFilter, FilterBar } from "../../components/FilterBar";
import { PageHeader, Section } from "../../components/PageHeader";
import { ProblemMessage } from "../../components/ProblemMessage";
import { Ago } from "../../components/When";
import { formatCount } from "../../format";
import { paths } from "../../paths";
import { useFilters } from "../../table/useFilters";
import { text } from "../../text";

const KEYS = ["log", "object_kind", "object_id"] as const;

const useStyles = makeStyles({
  chain: { marginBottom: tokens.spacingVerticalL },
  mono: {
    fontFamily: tokens.fontFamilyMonospace,
    fontSize: tokens.fontSizeBase200,
    display: "block",
    overflowWrap: "anywhere",
  },
  reason: { display: "block", color: tokens.colorNeutralForeground2, fontSize: tokens.fontSizeBase200 },
});

/** Prove it: what happened, and that nobody changed the record of it. */
export function TrailPage() {
  const styles = useStyles();
  const filters = useFilters(KEYS);
  const list = useTrail(filters.values);
  const words = text.trail;
  const objectId = filters.get("object_id");
  return (
    <>
      <PageHeader title={words.title} lead={words.lead} />
      <div className={styles.chain}>
        <Chain />
      </div>
      <Section title={objectId === "" ? words.what : words.filters.object(filters.get("object_kind"), objectId)}>
        <FilterBar active={filters.active} onClear={filters.clear}>
          <ChoiceFilter
            label={words.filters.kind}
            value={filters.get("object_kind")}
            onChange={(value) => filters.set({ object_kind: value, object_id: "" })}
            options={Object.entries(words.filters.kinds).map(([value, label]) => ({
              value: value === "all" ? "" : value,
              label,
            }))}
          />
          <ChoiceFilter
            label={words.filters.log}
            value={filters.get("log")}
            onChange={(value) => filters.set({ log: value })}
            options={[
              { value: "", label: words.filters.logs.tenant },
              { value: "installation", label: words.filters.logs.installation },
            ]}
          />
        </FilterBar>
        <DataTable<AuditItem>
          label={words.title}
          list={list}
          rowKey={(item) => `${item.log} ${item.seq}`}
          rowHref={(item) => paths.trailEntry(item.log, item.seq)}
          empty={
            filters.active
              ? { title: text.common.noMatch, hint: text.common.noMatchHint }
              : { title: words.empty, hint: words.emptyHint }
          }
          columns={[
            { key: "what", label: words.what, render: (item) => item.text },
            {
              key: "who",
              label: words.who,
              render: (item) => (
                <>
                  {actorName(item.actor)}
                  {item.reason !== null && <span className={styles.reason}>“{item.reason}”</span>}
                </>
              ),
            },
            { key: "when", label: words.when, render: (item) => <Ago at={item.at} /> },
            { key: "seq", label: words.seq, align: "end", render: (item) => formatCount(item.seq) },
          ]}
        />
      </Section>
    </>
  );
}

/** What checking the whole chain said. */
function Chain() {
  const report = useTrailReport();
  const words = text.trail.chain;
  if (report.error !== null && report.data === undefined) {
    return <ProblemMessage error={report.error} onRetry={() => void report.refetch()} />;
  }
  if (report.data === undefined) {
    return (
      <MessageBar intent="info">
        <MessageBarBody>{words.checking}</MessageBarBody>
      </MessageBar>
    );
  }
  return <Verdict report={report.data} checking={report.isFetching} onCheck={() => void report.refetch()} />;
}

function Verdict({ report, checking, onCheck }: { report: TrailReport; checking: boolean; onCheck: () => void }) {
  const styles = useStyles();
  const words = text.trail.chain;
  const entries = report.logs.reduce((sum, log) => sum + log.entries, 0);
  return (
    <MessageBar intent={report.ok ? "success" : "error"} layout="multiline">
      <MessageBarBody>
        <MessageBarTitle>
          {report.broken === null ? words.ok(entries) : words.broken(report.broken.log, report.broken.seq)}
        </MessageBarTitle>
        {report.broken !== null && `${report.broken.why} ${words.brokenHint}`}
        {report.logs.map((log) => (
          <span key={log.log} className={styles.mono}>
            {words.heads(log.log, formatCount(log.entries), log.head)}
          </span>
        ))}
      </MessageBarBody>
      <MessageBarActions>
        <Button size="small" disabledFocusable={checking} onClick={onCheck}>
          {words.check}
        </Button>
      </MessageBarActions>
    </MessageBar>
  );
}
