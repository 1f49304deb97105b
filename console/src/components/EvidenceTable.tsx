import { makeStyles, tokens } from "@fluentui/react-components";
import type { Evidence, MissingSignal } from "../api/types";
import { formatSpan, UNKNOWN } from "../format";
import { text } from "../text";
import { type Column, SimpleTable } from "./SimpleTable";
import { EvidenceBadge } from "./StateBadge";
import { Ago } from "./When";

const useStyles = makeStyles({
  note: { display: "block", color: tokens.colorNeutralForeground3, fontSize: tokens.fontSizeBase200 },
  missing: { marginTop: tokens.spacingVerticalM },
  list: { margin: 0, paddingLeft: tokens.spacingHorizontalXL },
});

interface EvidenceTableProps {
  evidence: Evidence[];
  missing?: MissingSignal[];
}

/** Each signal: what it says, from where, how old it is and may be; and what is missing. */
export function EvidenceTable({ evidence, missing = [] }: EvidenceTableProps) {
  const styles = useStyles();
  const words = text.common.evidence;
  const columns: Column<Evidence>[] = [
    { key: "signal", label: words.signal, render: (one) => one.label },
    {
      key: "value",
      label: words.value,
      render: (one) => (
        <>
          {one.value ?? UNKNOWN}
          {one.note !== null && <span className={styles.note}>{one.note}</span>}
        </>
      ),
    },
    { key: "status", label: words.status, render: (one) => <EvidenceBadge status={one.status} /> },
    { key: "source", label: words.source, render: (one) => one.source },
    { key: "age", label: words.age, render: (one) => <Ago at={one.as_of} /> },
    {
      key: "limit",
      label: words.limit,
      render: (one) => formatSpan(one.limit_hours === null ? null : one.limit_hours * 3600),
    },
  ];
  return (
    <>
      <SimpleTable
        label={words.title}
        columns={columns}
        rows={evidence}
        rowKey={(one) => `${one.signal} ${one.source}`}
        empty={words.empty}
      />
      {missing.length > 0 && (
        <div className={styles.missing}>
          <strong>{words.missing}</strong>
          <ul className={styles.list}>
            {missing.map((one) => (
              <li key={one.signal}>
                {one.label}: {one.why}
              </li>
            ))}
          </ul>
        </div>
      )}
    </>
  );
}
