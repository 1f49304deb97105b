import { Button, MessageBar, MessageBarBody, makeStyles, tokens } from "@fluentui/react-components";
import { ArrowSync20Regular } from "@fluentui/react-icons";
import { useParams } from "@tanstack/react-router";
import { isUnderWay, useApplication, useStartSync } from "../../api/hooks/applications";
import type { ApplicationDetail } from "../../api/types";
import { LinkTabs } from "../../components/LinkTabs";
import { useNotify } from "../../components/notify";
import { PageHeader } from "../../components/PageHeader";
import { Loaded } from "../../components/PageStates";
import { useMay } from "../../frame/session";
import { paths } from "../../paths";
import { useFilters } from "../../table/useFilters";
import { text } from "../../text";
import { ApplicationBadge } from "./badges";
import { DoctorPart } from "./Doctor";
import { Integration } from "./Integration";
import { ExecutionLog } from "./Log";
import { Returned } from "./Returned";

const TAB = ["tab"] as const;

const useStyles = makeStyles({ problem: { marginBottom: tokens.spacingVerticalL } });

/** One tenant: what is read and written, whether it works, and what to do when it does not. */
export function ApplicationPage() {
  const { tenantId = "" } = useParams({ strict: false }) as { tenantId?: string };
  const application = useApplication(tenantId);
  return <Loaded query={application}>{(data) => <ApplicationView application={data} />}</Loaded>;
}

function ApplicationView({ application }: { application: ApplicationDetail }) {
  const styles = useStyles();
  const tab = useFilters(TAB).get("tab");
  const words = text.applications;
  const href = paths.application(application.application_id);
  const at = (part: string) => paths.application(application.application_id, { tab: part });
  return (
    <>
      <PageHeader
        title={application.name}
        lead={application.application_id}
        parent={{ label: words.title, href: paths.applications() }}
        badge={<ApplicationBadge status={application.status} />}
        actions={<SyncAll application={application} />}
      />
      <Returned />
      {application.problem !== null && (
        <MessageBar intent="error" layout="multiline" className={styles.problem}>
          <MessageBarBody>{application.problem}</MessageBarBody>
        </MessageBar>
      )}
      <LinkTabs
        label={words.tabs.label}
        tabs={[
          { label: words.tabs.integration, href, current: tab !== "doctor" && tab !== "log" },
          { label: words.tabs.doctor, href: at("doctor"), current: tab === "doctor" },
          { label: words.tabs.log, href: at("log"), current: tab === "log" },
        ]}
      />
      <Part tab={tab} application={application} />
    </>
  );
}

function Part({ tab, application }: { tab: string; application: ApplicationDetail }) {
  switch (tab) {
    case "doctor":
      return <DoctorPart application={application} />;
    case "log":
      return <ExecutionLog application={application} />;
    default:
      return <Integration application={application} />;
  }
}

function SyncAll({ application }: { application: ApplicationDetail }) {
  const may = useMay("sync");
  const sync = useStartSync();
  const notify = useNotify();
  const words = text.applications;
  const running = application.tasks.some(isUnderWay);
  return (
    <Button
      appearance="primary"
      icon={<ArrowSync20Regular />}
      disabled={!may}
      disabledFocusable={running || sync.isPending}
      title={may ? words.syncAllTitle : words.mayNotSync}
      onClick={() =>
        sync.mutate(
          {},
          {
            onSuccess: (started) => notify.done(words.syncStarted(started.items.length)),
            onError: notify.failed,
          },
        )
      }
    >
      {words.syncAll}
    </Button>
  );
}
