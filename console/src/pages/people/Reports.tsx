import { makeStyles, tokens } from "@fluentui/react-components";
import type { AccountReport } from "../../api/types";
import { Section } from "../../components/PageHeader";
import { SimpleTable } from "../../components/SimpleTable";
import { Day, DayAgo } from "../../components/When";
import { UNKNOWN } from "../../format";
import { text } from "../../text";
import { reportDetails } from "./reports";

const useStyles = makeStyles({ section: { marginBottom: tokens.spacingVerticalL } });

/** What the report of each single service says about a person, and up to which day it knows. */
export function Reports({ reports }: { reports: AccountReport[] }) {
  const styles = useStyles();
  const words = text.people;
  return (
    <Section title={words.reports} className={styles.section}>
      <SimpleTable
        label={words.reports}
        rows={reports}
        rowKey={(report) => report.report}
        empty={words.reportsEmpty}
        columns={[
          { key: "report", label: words.report, render: (report) => report.label },
          {
            key: "last",
            label: words.reportLast,
            render: (report) => (report.last_day === null ? words.noUse : <DayAgo day={report.last_day} />),
          },
          { key: "upTo", label: words.reportUpTo, render: (report) => <Day day={report.refreshed} /> },
          { key: "more", label: words.reportMore, render: (report) => reportDetails(report) || UNKNOWN },
        ]}
      />
    </Section>
  );
}
