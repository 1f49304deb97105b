import {
  Button,
  Field,
  MessageBar,
  MessageBarBody,
  MessageBarTitle,
  makeStyles,
  ProgressBar,
  Switch,
  tokens,
} from "@fluentui/react-components";
import { ArrowSync16Regular } from "@fluentui/react-icons";
import { useState } from "react";
import { isUnderWay, useStartSync, useToggleTask } from "../../api/hooks/applications";
import type { ApplicationDetail, IntegrationTask, Sync } from "../../api/types";
import { ConfirmDialog } from "../../components/ConfirmDialog";
import { Fact, Facts } from "../../components/Facts";
import { useNotify } from "../../components/notify";
import { Ago } from "../../components/When";
import { formatSpan, UNKNOWN } from "../../format";
import { useMay } from "../../frame/session";
import { text } from "../../text";
import { SyncBadge } from "./badges";
import { countsText } from "./counts";
import { RosterImport } from "./RosterImport";

const useStyles = makeStyles({
  list: { listStyleType: "none", margin: 0, padding: 0 },
  task: {
    display: "grid",
    gridTemplateColumns: "minmax(0, 2fr) minmax(0, 3fr)",
    gap: `${tokens.spacingVerticalS} ${tokens.spacingHorizontalXXL}`,
    padding: `${tokens.spacingVerticalL} 0`,
    borderTop: `1px solid ${tokens.colorNeutralStroke2}`,
    ":first-child": { borderTop: "none", paddingTop: 0 },
    "@media (max-width: 899px)": { gridTemplateColumns: "minmax(0, 1fr)" },
  },
  head: { display: "flex", alignItems: "center", justifyContent: "space-between", gap: tokens.spacingHorizontalS },
  name: { margin: 0, fontSize: tokens.fontSizeBase300, fontWeight: tokens.fontWeightSemibold },
  description: {
    margin: `${tokens.spacingVerticalXXS} 0 ${tokens.spacingVerticalS}`,
    color: tokens.colorNeutralForeground2,
  },
  actions: { display: "flex", flexWrap: "wrap", gap: tokens.spacingHorizontalS },
  counts: { display: "block", color: tokens.colorNeutralForeground3, fontSize: tokens.fontSizeBase200 },
  run: { display: "grid", gap: tokens.spacingVerticalS, alignContent: "start", minWidth: 0 },
});

export function TaskList({ application }: { application: ApplicationDetail }) {
  const styles = useStyles();
  return (
    <ul className={styles.list}>
      {application.tasks.map((task) => (
        <li key={task.task} className={styles.task}>
          <Task task={task} tenantId={application.application_id} />
        </li>
      ))}
    </ul>
  );
}

function Task({ task, tenantId }: { task: IntegrationTask; tenantId: string }) {
  const styles = useStyles();
  return (
    <>
      <div>
        <div className={styles.head}>
          <h3 className={styles.name}>{task.label}</h3>
          <TaskSwitch task={task} tenantId={tenantId} />
        </div>
        <p className={styles.description}>{task.description}</p>
        <div className={styles.actions}>
          {/* What has no schedule reads nothing by itself: it follows from another task, or from an approval. */}
          {task.interval_seconds !== null && <SyncOne task={task} />}
          {task.task === "hr_roster" && <RosterImport />}
        </div>
      </div>
      <Run task={task} />
    </>
  );
}

function TaskSwitch({ task, tenantId }: { task: IntegrationTask; tenantId: string }) {
  const may = useMay("administer");
  const toggle = useToggleTask(tenantId);
  const notify = useNotify();
  const [asking, setAsking] = useState(false);
  const words = text.applications.tasks;
  const why = task.can_toggle ? (may ? undefined : words.mayNot) : words.mustStay;
  return (
    <>
      <Switch
        aria-label={words.enable(task.label)}
        label={task.enabled ? words.on : words.off}
        labelPosition="before"
        checked={task.enabled}
        disabled={why !== undefined || toggle.isPending}
        title={why}
        onChange={() =>
          task.enabled ? setAsking(true) : toggle.mutate({ task, enabled: true }, { onError: notify.failed })
        }
      />
      <ConfirmDialog
        open={asking}
        onClose={() => setAsking(false)}
        title={words.turnOffTitle(task.label)}
        confirmLabel={words.turnOff}
        onConfirm={() => toggle.mutateAsync({ task, enabled: false })}
      >
        {task.task === "reclamation" ? words.turnOffWrites : words.turnOffReads}
      </ConfirmDialog>
    </>
  );
}

function SyncOne({ task }: { task: IntegrationTask }) {
  const may = useMay("sync");
  const sync = useStartSync();
  const notify = useNotify();
  const words = text.applications;
  return (
    <Button
      size="small"
      icon={<ArrowSync16Regular />}
      aria-label={words.tasks.syncOneLabel(task.label)}
      disabled={!may || !task.enabled}
      disabledFocusable={isUnderWay(task) || sync.isPending}
      title={may ? undefined : words.mayNotSync}
      onClick={() => sync.mutate({ task: task.task }, { onError: notify.failed })}
    >
      {words.tasks.syncOne}
    </Button>
  );
}

function Run({ task }: { task: IntegrationTask }) {
  const styles = useStyles();
  const words = text.applications.tasks;
  const run = task.last_run;
  return (
    <div className={styles.run}>
      {run !== null && isUnderWay(task) && <RunProgress run={run} label={words.running(task.label)} />}
      <Facts>
        <Fact name={words.last}>
          {run === null ? (
            words.never
          ) : (
            <>
              <SyncBadge status={run.status} /> <Ago at={run.finished_at ?? run.started_at ?? run.queued_at} />
            </>
          )}
        </Fact>
        {run !== null && !isUnderWay(task) && (
          <Fact name={words.result}>
            {run.progress.text || UNKNOWN}
            <span className={styles.counts}>{countsText(run.counts)}</span>
          </Fact>
        )}
        <Fact name={words.schedule}>
          {task.interval_seconds === null ? words.noSchedule : words.every(formatSpan(task.interval_seconds))}
        </Fact>
        <Fact name={words.next}>{task.enabled ? <Ago at={task.next_due_at} /> : UNKNOWN}</Fact>
      </Facts>
      {run !== null && run.error !== null && (
        <MessageBar intent="error" layout="multiline">
          <MessageBarBody>
            <MessageBarTitle>{run.error}</MessageBarTitle>
            {run.remedy}
          </MessageBarBody>
        </MessageBar>
      )}
    </div>
  );
}

function RunProgress({ run, label }: { run: Sync; label: string }) {
  const { done, total } = run.progress;
  return (
    <Field validationMessage={run.progress.text} validationState="none" aria-label={label}>
      {total === null || run.status === "queued" ? (
        <ProgressBar aria-label={label} />
      ) : (
        <ProgressBar aria-label={label} value={done} max={Math.max(total, 1)} />
      )}
    </Field>
  );
}
