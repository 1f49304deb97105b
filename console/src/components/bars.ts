import type { Amounts } from "../api/types";
import { moneyOf } from "../format";

export interface Bar {
  key: string;
  label: string;
  href?: string;
  /** Null means that the value is not known, for example without a price. */
  amounts: Amounts | null;
  /** Beside the amount: how many it is made of. */
  note?: string;
}

export interface BarGroup {
  currency: string;
  bars: { bar: Bar; amount: string; share: number }[];
}

/** Bars are compared within one currency only: one group each, longest first, the longest filling the width. */
export function barGroups(bars: Bar[]): BarGroup[] {
  const totals = new Map<string, number>();
  for (const bar of bars) {
    for (const { currency, amount } of moneyOf(bar.amounts)) {
      totals.set(currency, (totals.get(currency) ?? 0) + Number(amount));
    }
  }
  const currencies = [...totals].sort((a, b) => b[1] - a[1]).map(([currency]) => currency);
  return currencies.map((currency) => {
    const own = bars
      .filter((bar) => bar.amounts?.[currency] !== undefined)
      .map((bar) => ({ bar, amount: bar.amounts?.[currency] ?? "0" }))
      .sort((a, b) => Number(b.amount) - Number(a.amount));
    const longest = Math.max(...own.map((one) => Number(one.amount)), 0);
    return { currency, bars: own.map((one) => ({ ...one, share: longest === 0 ? 0 : Number(one.amount) / longest })) };
  });
}

/** The bars whose value is not known: they are listed, not drawn as zero. */
export function unknownBars(bars: Bar[]): Bar[] {
  return bars.filter((bar) => moneyOf(bar.amounts).length === 0);
}
