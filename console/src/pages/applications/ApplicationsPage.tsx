import { useApplications } from "../../api/hooks/applications";
import type { Application } from "../../api/types";
import { DataTable } from "../../components/DataTable";
import { PageHeader, Section } from "../../components/PageHeader";
import { Ago } from "../../components/When";
import { formatCount, UNKNOWN } from "../../format";
import { paths } from "../../paths";
import { text } from "../../text";
import { ApplicationBadge } from "./badges";

/** Is it healthy. */
export function ApplicationsPage() {
  const list = useApplications();
  const words = text.applications;
  return (
    <>
      <PageHeader title={words.title} lead={words.lead} />
      <Section quiet title={words.title}>
        <DataTable<Application>
          label={words.title}
          list={list}
          rowKey={(application) => application.application_id}
          rowHref={(application) => paths.application(application.application_id)}
          empty={{ title: words.empty, hint: words.emptyHint }}
          columns={[
            { key: "name", label: words.name, render: (application) => application.name },
            {
              key: "status",
              label: words.status,
              render: (application) => <ApplicationBadge status={application.status} />,
            },
            { key: "problem", label: words.problem, render: (application) => application.problem ?? UNKNOWN },
            { key: "sync", label: words.lastSync, render: (application) => <Ago at={application.last_sync_at} /> },
            {
              key: "people",
              label: words.people,
              align: "end",
              render: (application) => formatCount(application.people),
            },
            {
              key: "seats",
              label: words.seats,
              align: "end",
              render: (application) => formatCount(application.seats),
            },
          ]}
        />
      </Section>
    </>
  );
}
