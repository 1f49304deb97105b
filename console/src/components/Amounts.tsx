import { makeStyles, tokens } from "@fluentui/react-components";
import type { Amounts as AmountsByCurrency } from "../api/types";
import { formatMoney, moneyOf, UNKNOWN } from "../format";

const useStyles = makeStyles({
  amounts: {
    fontVariantNumeric: "tabular-nums",
    display: "inline-flex",
    flexWrap: "wrap",
    columnGap: tokens.spacingHorizontalS,
  },
  one: { whiteSpace: "nowrap" },
});

interface AmountsProps {
  amounts: AmountsByCurrency | null | undefined;
  /** Without the minor unit; the exact amount is shown when pointed at. */
  short?: boolean;
  /** What null means here, when it is more than unknown: "no price". */
  unknown?: string;
}

/** Money, each currency on its own. Unknown is a dash. */
export function Amounts({ amounts, short = false, unknown = UNKNOWN }: AmountsProps) {
  const styles = useStyles();
  const money = moneyOf(amounts);
  if (money.length === 0) {
    return unknown;
  }
  return (
    <span className={styles.amounts}>
      {money.map((one) => (
        <span key={one.currency} className={styles.one} title={short ? formatMoney(one) : undefined}>
          {formatMoney(one, undefined, short)}
        </span>
      ))}
    </span>
  );
}
