import { makeStyles, tokens } from "@fluentui/react-components";
import { useQuarantine, useSyncs } from "../../api/hooks/applications";
import type { ApplicationDetail, QuarantinedRow, Sync } from "../../api/types";
import { DataTable } from "../../components/DataTable";
import { Section } from "../../components/PageHeader";
import { Ago } from "../../components/When";
import { formatCount, formatSpan, UNKNOWN } from "../../format";
import { text } from "../../text";
import { SyncBadge } from "./badges";
import { countsText, secondsTaken } from "./counts";

const useStyles = makeStyles({
  stack: { display: "grid", gridTemplateColumns: "minmax(0, 1fr)", gap: tokens.spacingVerticalL },
  mono: { fontFamily: tokens.fontFamilyMonospace, fontSize: tokens.fontSizeBase200, overflowWrap: "anywhere" },
  remedy: { display: "block", color: tokens.colorNeutralForeground2 },
  lead: { margin: `0 0 ${tokens.spacingVerticalS}`, color: tokens.colorNeutralForeground2 },
});

/** Every run, and every row that a run could not use. */
export function ExecutionLog({ application }: { application: ApplicationDetail }) {
  const styles = useStyles();
  const syncs = useSyncs();
  const quarantine = useQuarantine(application.application_id);
  const words = text.applications;
  const label = (task: string) => application.tasks.find((one) => one.task === task)?.label ?? task;
  return (
    <div className={styles.stack}>
      <Section title={words.log.title}>
        <DataTable<Sync>
          label={words.log.title}
          list={syncs}
          rowKey={(run) => run.sync_id}
          empty={{ title: words.log.empty, hint: words.log.emptyHint }}
          columns={[
            { key: "task", label: words.log.task, render: (run) => run.label },
            { key: "status", label: words.log.status, render: (run) => <SyncBadge status={run.status} /> },
            { key: "queued", label: words.log.started, render: (run) => <Ago at={run.queued_at} /> },
            { key: "took", label: words.log.took, render: (run) => formatSpan(secondsTaken(run)) },
            {
              key: "counts",
              label: words.log.counts,
              render: (run) => run.progress.text || countsText(run.counts) || UNKNOWN,
            },
            {
              key: "error",
              label: words.log.error,
              render: (run) => (
                <>
                  {run.error ?? UNKNOWN}
                  {run.remedy !== null && <span className={styles.remedy}>{run.remedy}</span>}
                </>
              ),
            },
          ]}
        />
      </Section>
      <Section title={words.quarantine.title}>
        <p className={styles.lead}>{words.quarantine.lead}</p>
        <DataTable<QuarantinedRow>
          label={words.quarantine.title}
          list={quarantine}
          rowKey={(row) => row.id}
          empty={{ title: words.quarantine.empty }}
          columns={[
            { key: "reason", label: words.quarantine.reason, render: (row) => row.reason },
            { key: "task", label: words.quarantine.task, render: (row) => label(row.task) },
            { key: "line", label: words.quarantine.line, align: "end", render: (row) => formatCount(row.line) },
            {
              key: "sample",
              label: words.quarantine.sample,
              render: (row) => <span className={styles.mono}>{row.sample || UNKNOWN}</span>,
            },
            { key: "at", label: words.quarantine.at, render: (row) => <Ago at={row.at} /> },
          ]}
        />
      </Section>
    </div>
  );
}
