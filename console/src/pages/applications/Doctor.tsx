import {
  Badge,
  Button,
  MessageBar,
  MessageBarBody,
  MessageBarTitle,
  makeStyles,
  Spinner,
  tokens,
} from "@fluentui/react-components";
import { Stethoscope20Regular } from "@fluentui/react-icons";
import { useDoctor } from "../../api/hooks/connections";
import type { ApplicationDetail, Doctor, DoctorFinding } from "../../api/types";
import { Section } from "../../components/PageHeader";
import { Loaded } from "../../components/PageStates";
import { SimpleTable } from "../../components/SimpleTable";
import { Ago } from "../../components/When";
import { text } from "../../text";
import { DoctorTasks } from "./DoctorTasks";
import { subjectOf } from "./doctor";

const useStyles = makeStyles({
  stack: { display: "grid", gridTemplateColumns: "minmax(0, 1fr)", gap: tokens.spacingVerticalL },
  head: {
    display: "flex",
    flexWrap: "wrap",
    alignItems: "center",
    justifyContent: "space-between",
    gap: tokens.spacingVerticalS,
  },
  plain: { margin: 0 },
  note: { color: tokens.colorNeutralForeground2 },
  message: { margin: 0, fontWeight: tokens.fontWeightSemibold },
  remedy: { margin: `${tokens.spacingVerticalXXS} 0 0`, maxWidth: "75ch" },
  steps: { margin: `${tokens.spacingVerticalS} 0 0`, paddingLeft: tokens.spacingHorizontalXXL },
  looking: { justifyContent: "start", padding: `${tokens.spacingVerticalXXL} 0` },
});

/** What is missing, wrong, old or too wide, and what to do about it; looked at when somebody looks. */
export function DoctorPart({ application }: { application: ApplicationDetail }) {
  const styles = useStyles();
  const doctor = useDoctor(application.application_id);
  return (
    <Loaded query={doctor} skeleton={<Spinner className={styles.looking} label={text.doctor.looking} />}>
      {(seen) => (
        <div className={styles.stack}>
          <Verdict doctor={seen} looking={doctor.isFetching} onAgain={() => void doctor.refetch()} />
          <Findings doctor={seen} application={application} />
          <Section title={text.doctor.tasks}>
            <DoctorTasks tasks={seen.tasks} />
          </Section>
          <Names concealed={seen.names_concealed} />
        </div>
      )}
    </Loaded>
  );
}

function Verdict({ doctor, looking, onAgain }: { doctor: Doctor; looking: boolean; onAgain: () => void }) {
  const styles = useStyles();
  const words = text.doctor;
  return (
    <div className={styles.head} role="status">
      <div>
        <Badge appearance="tint" color={doctor.healthy ? "success" : "danger"} size="large">
          {doctor.healthy ? words.healthy : words.ill}
        </Badge>{" "}
        <span className={styles.note}>
          {words.at} <Ago at={doctor.at} />
        </span>
      </div>
      <Button icon={<Stethoscope20Regular />} disabledFocusable={looking} onClick={onAgain}>
        {looking ? <Spinner size="tiny" label={words.again} /> : words.again}
      </Button>
    </div>
  );
}

const SEVERITY_COLORS = { problem: "danger", warning: "warning", note: "informative" } as const;

function Findings({ doctor, application }: { doctor: Doctor; application: ApplicationDetail }) {
  const styles = useStyles();
  const words = text.doctor;
  return (
    <Section title={words.findings}>
      <SimpleTable<DoctorFinding>
        label={words.findings}
        rows={doctor.findings}
        rowKey={(found) => `${found.about} ${found.message}`}
        empty={words.noFindings}
        columns={[
          {
            key: "severity",
            label: words.severity,
            render: (found) => (
              <Badge appearance="tint" color={SEVERITY_COLORS[found.severity]}>
                {words.severities[found.severity]}
              </Badge>
            ),
          },
          { key: "about", label: words.about, render: (found) => subjectOf(found.about, doctor, application) },
          {
            key: "message",
            label: words.finding,
            render: (found) => (
              <>
                <p className={styles.message}>{found.message}</p>
                <p className={styles.remedy}>{found.remedy}</p>
              </>
            ),
          },
        ]}
      />
    </Section>
  );
}

/** Whether names are concealed in usage reports, and how an administrator shows them (F49). */
function Names({ concealed }: { concealed: boolean | null }) {
  const styles = useStyles();
  const words = text.doctor;
  return (
    <Section title={words.names}>
      {concealed === true ? (
        <MessageBar intent="warning" layout="multiline">
          <MessageBarBody>
            <MessageBarTitle>{words.namesConcealed}</MessageBarTitle>
            <ol className={styles.steps}>
              {words.namesSteps.map((step) => (
                <li key={step}>{step}</li>
              ))}
            </ol>
          </MessageBarBody>
        </MessageBar>
      ) : (
        <p className={styles.plain}>{concealed === false ? words.namesShown : words.namesUnknown}</p>
      )}
    </Section>
  );
}
