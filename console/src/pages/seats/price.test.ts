import { expect, test } from "vitest";
import { isAmount, isCurrency, priceText } from "./price";

test("a price is a decimal above zero: nothing entered is no price, never zero", () => {
  expect(["39", "39.00", "0.000001"].map(isAmount)).toEqual([true, true, true]);
  expect(["", "0", "0.00", "-1", "39,00", "1e3", "1.2345678"].some(isAmount)).toBe(false);
});

test("a currency is three letters", () => {
  expect(["EUR", "usd"].every(isCurrency)).toBe(true);
  expect(["", "€", "EURO", "E1R"].some(isCurrency)).toBe(false);
});

test("a price is said with how often it is paid", () => {
  expect(priceText({ amount: "39.00", currency: "USD", payment_frequency: "monthly" })).toBe("$39.00 monthly");
});
