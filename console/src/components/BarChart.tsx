import { Button, makeStyles, tokens } from "@fluentui/react-components";
import { useState } from "react";
import { formatMoney } from "../format";
import { own } from "../frame/theme";
import { text } from "../text";
import { AppLink } from "./AppLink";
import { type Bar, barGroups, unknownBars } from "./bars";
import { SimpleTable } from "./SimpleTable";

const useStyles = makeStyles({
  list: {
    listStyleType: "none",
    margin: 0,
    padding: 0,
    display: "flex",
    flexDirection: "column",
    gap: tokens.spacingVerticalM,
  },
  line: { display: "flex", flexWrap: "wrap", justifyContent: "space-between", columnGap: tokens.spacingHorizontalM },
  amount: { fontVariantNumeric: "tabular-nums", fontWeight: tokens.fontWeightSemibold },
  note: { color: tokens.colorNeutralForeground3, fontWeight: tokens.fontWeightRegular },
  rail: {
    height: "10px",
    borderRadius: tokens.borderRadiusSmall,
    backgroundColor: tokens.colorNeutralBackground4,
    overflow: "hidden",
    marginTop: tokens.spacingVerticalXXS,
    forcedColorAdjust: "none",
  },
  bar: { height: "100%", backgroundColor: own.recoverable, minWidth: "2px" },
  currency: {
    margin: `${tokens.spacingVerticalM} 0 ${tokens.spacingVerticalS}`,
    color: tokens.colorNeutralForeground2,
  },
  unknown: { marginTop: tokens.spacingVerticalM, color: tokens.colorNeutralForeground2 },
  twin: { display: "flex", justifyContent: "flex-end", marginTop: tokens.spacingVerticalS },
});

interface BarChartProps {
  label: string;
  /** What the bars are: "License type". */
  what: string;
  /** What their length is: "Recoverable per year". */
  measure: string;
  bars: Bar[];
  empty: string;
  /** What stands for a value that is not known: "no price". */
  unknown: string;
}

/** Amounts by something, as bars that lead to what is behind them, or as the same figures in a table. */
export function BarChart({ label, what, measure, bars, empty, unknown }: BarChartProps) {
  const styles = useStyles();
  const [table, setTable] = useState(false);
  if (bars.length === 0) {
    return <p>{empty}</p>;
  }
  const groups = barGroups(bars);
  const lacking = unknownBars(bars);
  return (
    <div>
      {table ? (
        <Twin label={label} what={what} measure={measure} bars={bars} unknown={unknown} />
      ) : (
        <>
          {groups.map((group) => (
            <div key={group.currency}>
              {groups.length > 1 && <p className={styles.currency}>{group.currency}</p>}
              <ul className={styles.list}>
                {group.bars.map(({ bar, amount, share }) => (
                  <li key={bar.key}>
                    <div className={styles.line}>
                      <BarLabel bar={bar} />
                      <span className={styles.amount}>
                        {formatMoney({ currency: group.currency, amount }, undefined, true)}{" "}
                        {bar.note !== undefined && <span className={styles.note}>· {bar.note}</span>}
                      </span>
                    </div>
                    <div className={styles.rail}>
                      <div className={styles.bar} style={{ width: `${share * 100}%` }} />
                    </div>
                  </li>
                ))}
              </ul>
            </div>
          ))}
          {lacking.length > 0 && (
            <div className={styles.unknown}>
              {unknown}:{" "}
              {lacking.map((bar, index) => (
                <span key={bar.key}>
                  {index > 0 && ", "}
                  <BarLabel bar={bar} inline /> {bar.note !== undefined && `(${bar.note})`}
                </span>
              ))}
            </div>
          )}
        </>
      )}
      <div className={styles.twin}>
        <Button size="small" appearance="subtle" onClick={() => setTable(!table)}>
          {table ? text.common.asBars : text.common.asTable}
        </Button>
      </div>
    </div>
  );
}

function BarLabel({ bar, inline = false }: { bar: Bar; inline?: boolean }) {
  return bar.href === undefined ? (
    <span>{bar.label}</span>
  ) : (
    <AppLink inline={inline} href={bar.href}>
      {bar.label}
    </AppLink>
  );
}

function Twin({ label, what, measure, bars, unknown }: Omit<BarChartProps, "empty">) {
  return (
    <SimpleTable
      label={label}
      rows={bars}
      rowKey={(bar) => bar.key}
      empty=""
      columns={[
        { key: "what", label: what, render: (bar) => <BarLabel bar={bar} /> },
        { key: "note", label: text.common.count, align: "end", render: (bar) => bar.note },
        {
          key: "measure",
          label: measure,
          align: "end",
          render: (bar) =>
            Object.entries(bar.amounts ?? {})
              .map(([currency, amount]) => formatMoney({ currency, amount }))
              .join(" · ") || unknown,
        },
      ]}
    />
  );
}
