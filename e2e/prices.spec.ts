import type { Page } from "@playwright/test";
import { read, rest, type Sku } from "./support/rest.ts";
import { expect, test } from "./support/test.ts";

const dollars = (amount: number, places = 2) =>
  new Intl.NumberFormat("en-US", { style: "currency", currency: "USD", maximumFractionDigits: places }).format(amount);

const skus = async () => (await read<{ items: Sku[] }>("/skus?limit=200")).items;

function row(page: Page, sku: Sku) {
  return page.getByRole("table", { name: "License types" }).getByRole("row").filter({ hasText: sku.part_number });
}

async function unpriced(): Promise<Sku> {
  const found = (await skus()).find((sku) => sku.price === null && !sku.is_free && sku.idle > 0);
  if (!found) throw new Error("every license type of the demo has a price");
  return found;
}

test("a license type without a price says so and is in no total; an entered price changes the figures", async ({ as }) => {
  const sku = await unpriced();
  const before = Number((await read<{ recoverable: Record<string, string> }>("/overview")).recoverable.USD);
  const manager = await as("license_manager", "/recoverable");
  const figures = manager.getByRole("region", { name: "Figures" });
  await expect(row(manager, sku).getByText("no price")).toHaveCount(2);
  await expect(row(manager, sku)).not.toContainText("$");
  await expect(figures).toContainText(dollars(before, 0));

  await manager.getByRole("button", { name: `Enter price of ${sku.name}` }).click();
  const dialog = manager.getByRole("dialog", { name: `Price of ${sku.name}` });
  await dialog.getByRole("textbox", { name: "Amount for one seat" }).fill("8,80");
  await expect(dialog.getByText("A number above zero, with a point and at most six places.")).toBeVisible();
  await dialog.getByRole("textbox", { name: "Amount for one seat" }).fill("8.80");
  await dialog.getByRole("textbox", { name: "Currency" }).fill("usd");
  await dialog.getByRole("button", { name: "Save" }).click();
  await expect(dialog).toBeHidden();
  const recoverable = 8.8 * 12 * sku.idle;
  await expect(row(manager, sku)).toContainText(dollars(recoverable));
  await expect(figures).toContainText(dollars(before + recoverable, 0));

  // A wrong entry can be taken back; then it is unknown again, not zero.
  await row(manager, sku).getByRole("link", { name: new RegExp(sku.part_number) }).click();
  await manager.getByRole("button", { name: `Change price of ${sku.name}` }).click();
  await manager.getByRole("dialog").getByRole("button", { name: "Remove price" }).click();
  await expect(manager.getByRole("dialog")).toBeHidden();
  await expect(manager.getByRole("region", { name: "License types" })).toContainText("no price");
  expect((await skus()).find((one) => one.sku_id === sku.sku_id)?.price).toBeNull();
});

test("whoever may not enter prices sees them and is offered nothing", async ({ as }) => {
  const sku = await unpriced();
  const approver = await as("approver", "/recoverable");
  await expect(row(approver, sku).getByText("no price")).toHaveCount(2);
  await expect(approver.getByRole("button", { name: /price of/ })).toHaveCount(0);
  const body = { amount: "1.00", currency: "USD", payment_frequency: "monthly" };
  await expect(rest("approver", "PUT", `/skus/${sku.sku_id}/price`, body)).rejects.toThrow(/403/);
});
