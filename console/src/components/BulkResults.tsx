import { Button, makeStyles, tokens } from "@fluentui/react-components";
import { useEffect, useRef } from "react";
import { text } from "../text";
import { AppLink } from "./AppLink";
import { type BulkResult, sortResults } from "./bulk-results";
import { Section } from "./PageHeader";
import { SimpleTable } from "./SimpleTable";
import { StateBadge } from "./StateBadge";

const useStyles = makeStyles({
  section: { marginBottom: tokens.spacingVerticalL, scrollMarginTop: "120px" },
  summary: { margin: `0 0 ${tokens.spacingVerticalM}`, ":focus-visible": { outlineStyle: "none" } },
});

interface BulkResultsProps {
  results: BulkResult[];
  onDismiss: () => void;
}

/** What became of each, after something was done to many; stays until it is dismissed. */
export function BulkResults({ results, onDismiss }: BulkResultsProps) {
  const styles = useStyles();
  const summary = useRef<HTMLParagraphElement>(null);
  // The dialog that asked is gone: whoever pressed its button goes on reading here.
  useEffect(() => {
    if (results.length > 0) {
      summary.current?.focus();
      summary.current?.scrollIntoView({ block: "center" });
    }
  }, [results]);
  if (results.length === 0) {
    return null;
  }
  const words = text.candidates.results;
  const { refused, attention, done } = sortResults(results);
  return (
    <Section
      title={words.title}
      className={styles.section}
      actions={
        <Button size="small" onClick={onDismiss}>
          {words.dismiss}
        </Button>
      }
    >
      <p ref={summary} tabIndex={-1} className={styles.summary}>
        {words.summary(done.length, attention.length, refused.length)}
      </p>
      <SimpleTable
        label={words.title}
        // What did not work is what somebody has to look at.
        rows={[...refused, ...attention, ...done]}
        rowKey={(one) => one.key}
        empty=""
        columns={[
          {
            key: "what",
            label: words.what,
            render: (one) => (one.href === null ? one.name : <AppLink href={one.href}>{one.name}</AppLink>),
          },
          {
            key: "outcome",
            label: words.outcome,
            render: (one) => one.problem ?? (one.state !== null && <StateBadge state={one.state} />),
          },
        ]}
      />
    </Section>
  );
}
