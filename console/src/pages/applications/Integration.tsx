import { makeStyles, tokens } from "@fluentui/react-components";
import type { ApplicationDetail } from "../../api/types";
import { Section } from "../../components/PageHeader";
import { SimpleTable } from "../../components/SimpleTable";
import { SourceTable } from "../../components/SourceTable";
import { text } from "../../text";
import { Connections } from "./Connections";
import { TaskList } from "./Tasks";
import { WhatMayBeWritten } from "./WhatMayBeWritten";

const useStyles = makeStyles({
  stack: { display: "grid", gridTemplateColumns: "minmax(0, 1fr)", gap: tokens.spacingVerticalL },
  mono: { fontFamily: tokens.fontFamilyMonospace, fontSize: tokens.fontSizeBase200, overflowWrap: "anywhere" },
});

/** The tasks, what they rest on, and what they are allowed to do at Microsoft. */
export function Integration({ application }: { application: ApplicationDetail }) {
  const styles = useStyles();
  const words = text.applications;
  const label = (task: string) => application.tasks.find((one) => one.task === task)?.label ?? task;
  const mono = (value: string) => <span className={styles.mono}>{value}</span>;
  return (
    <div className={styles.stack}>
      <Section title={words.tasks.title}>
        <TaskList application={application} />
      </Section>
      <Section title={text.overview.sources}>
        <SourceTable sources={application.sources} />
      </Section>
      <Section title={text.connections.title}>
        <Connections application={application} />
      </Section>
      <Section title={text.writes.title}>
        <WhatMayBeWritten tenantId={application.application_id} />
      </Section>
      <Section title={words.permissions.title}>
        <SimpleTable
          label={words.permissions.title}
          rows={application.permissions}
          rowKey={(one) => `${one.task} ${one.permission}`}
          empty={words.permissions.empty}
          columns={[
            { key: "permission", label: words.permissions.permission, render: (one) => mono(one.permission) },
            { key: "task", label: words.permissions.task, render: (one) => label(one.task) },
            { key: "why", label: words.permissions.why, render: (one) => one.why },
          ]}
        />
      </Section>
      <Section title={words.endpoints.title}>
        <SimpleTable
          label={words.endpoints.title}
          rows={application.endpoints}
          rowKey={(one) => `${one.task} ${one.method} ${one.path}`}
          empty={words.endpoints.empty}
          columns={[
            { key: "call", label: words.endpoints.call, render: (one) => mono(`${one.method} ${one.path}`) },
            { key: "task", label: words.endpoints.task, render: (one) => label(one.task) },
          ]}
        />
      </Section>
    </div>
  );
}
