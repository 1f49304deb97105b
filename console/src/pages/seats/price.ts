import type { NewPrice, Sku } from "../../api/types";
import { formatMoney } from "../../format";
import { text } from "../../text";

export type Frequency = NewPrice["payment_frequency"];
export const FREQUENCIES = Object.keys(text.seats.price.frequencies) as Frequency[];

/** A decimal above zero, as the API takes it: a price of zero is no price. */
export function isAmount(value: string): boolean {
  return /^\d{1,12}(\.\d{1,6})?$/.test(value.trim()) && Number(value) > 0;
}

export function isCurrency(value: string): boolean {
  return /^[A-Za-z]{3}$/.test(value.trim());
}

/** `$39.00 monthly`. */
export function priceText(price: NonNullable<Sku["price"]>): string {
  return text.seats.skus.priceOf(formatMoney(price), text.seats.price.frequencies[price.payment_frequency]);
}
