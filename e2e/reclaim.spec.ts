// The loop that the product is for: found, proposed, decided, removed, proven, and given back, by two people in the
// browser; judged by the journal of the simulated tenant.
import type { Page } from "@playwright/test";
import { account } from "./support/demo.ts";
import { heldPlans, journal, type Overview, read, removableSeats, type Seat, stateLabel, type TrailReport } from "./support/rest.ts";
import { expect, test } from "./support/test.ts";

const LONG = { timeout: 40_000 };

/** Two seats of one license type that have been idle for long; the first with service plans switched off, if any has. */
async function twoSeats(): Promise<[Seat, Seat]> {
  const seats = (await removableSeats()).filter((seat) => (seat.finding?.idle_days ?? 0) >= 90);
  const taken = seats.toSorted((a, b) => plansOff(b) - plansOff(a));
  for (const first of taken) {
    const second = seats.find((seat) => seat.sku.sku_id === first.sku.sku_id && seat.seat_id !== first.seat_id);
    if (second) return [first, second];
  }
  throw new Error("the demo has no license type with two idle seats");
}

const plansOff = (seat: Seat) => seat.paths.flatMap((path) => path.disabled_plans).length;
const name = (seat: Seat) => `${seat.person.display_name}: ${seat.sku.name}`;

function figure(page: Page, label: string) {
  return page.getByRole("region", { name: "Figures" }).locator("div", { has: page.getByText(label, { exact: true }) }).last();
}

const dollars = (amount: number) =>
  new Intl.NumberFormat("en-US", { style: "currency", currency: "USD", maximumFractionDigits: 0 }).format(amount);

/** A day of the simulated time, as a date field takes it. */
async function inDays(days: number): Promise<string> {
  const { now } = await read<Overview>("/overview");
  return new Date(Date.parse(now) + days * 86_400_000).toISOString().slice(0, 10);
}

const inWords = (day: string) => new Intl.DateTimeFormat("en-US", { dateStyle: "medium", timeZone: "UTC" }).format(new Date(day));

test("a license manager proposes, an approver decides, the seat is proven gone, and is given back", async ({ as }) => {
  test.setTimeout(150_000);
  const [taken, kept] = await twoSeats();
  const before = await journal();
  const plansBefore = await heldPlans(taken.person.user_id, taken.sku.sku_id);
  expect(plansBefore).not.toBeNull();
  const provenBefore = Number((await read<Overview>("/overview")).proven_savings.USD ?? 0);
  const manager = await as("license_manager");
  let takenAddress = "";
  let keptAddress = "";

  await test.step("the license manager finds the seats and proposes them", async () => {
    await manager.getByRole("navigation", { name: "Pages" }).getByRole("link", { name: "Recoverable spend" }).click();
    const types = manager.getByRole("table", { name: "License types" });
    await types.getByRole("link", { name: new RegExp(`^${taken.sku.name}`) }).click();
    await expect(manager.getByRole("heading", { name: taken.sku.name, level: 1 })).toBeVisible();
    await manager.getByRole("button", { name: "Idle 90+ days" }).click();
    await expect(manager).toHaveURL(/kind=idle&min_idle_days=90/);
    for (const seat of [taken, kept]) await manager.getByRole("checkbox", { name: `Select ${name(seat)}` }).check();
    const bar = manager.getByRole("region", { name: "2 selected" });
    await bar.getByRole("button", { name: "Reclaim" }).click();
    const dialog = manager.getByRole("dialog", { name: "Reclaim 2 seats?" });
    await expect(dialog).toContainText("Nothing is removed before somebody says so.");
    await dialog.getByText("Show the 2 names").click();
    const names = dialog.getByRole("list", { name: "Names" }).getByRole("listitem");
    await expect(names).toHaveCount(2);
    for (const seat of [taken, kept]) await expect(names.filter({ hasText: name(seat) })).toBeVisible();
    await dialog.getByRole("button", { name: "Reclaim" }).click();
    const results = manager.getByRole("table", { name: "What came of it" });
    await expect(results.getByText(await stateLabel("awaiting_approval"))).toHaveCount(2);
    takenAddress = (await results.getByRole("link", { name: name(taken) }).getAttribute("href")) ?? "";
    keptAddress = (await results.getByRole("link", { name: name(kept) }).getAttribute("href")) ?? "";
    expect(await journal()).toEqual(before);
  });

  const approver = await as("approver", "/candidates");
  await test.step("the approver lets one be kept, with a reason and a last day", async () => {
    await approver.getByRole("button", { name: /^Waiting for my decision \d+$/ }).click();
    const list = approver.getByRole("table", { name: "Candidates" });
    await expect(list.getByText(await stateLabel("awaiting_approval"))).toHaveCount(await list.getByRole("link").count());
    await expect(list.getByRole("link", { name: new RegExp(taken.person.display_name) })).toBeVisible();
    await list.getByRole("link", { name: new RegExp(kept.person.display_name) }).click();
    await expect(approver).toHaveURL(new RegExp(`${keptAddress}$`));
    await approver.getByRole("button", { name: "Let them keep it" }).click();
    const dialog = approver.getByRole("dialog", { name: `Let ${kept.person.display_name} keep ${kept.sku.name}?` });
    await dialog.getByRole("button", { name: "Let them keep it" }).click();
    await expect(dialog.getByText("Please say why.")).toBeVisible();
    await dialog.getByRole("textbox", { name: "Reason" }).fill("Covers for a colleague until spring");
    const until = await inDays(120);
    await dialog.getByLabel("Keep until").fill(until);
    await dialog.getByRole("button", { name: "Let them keep it" }).click();
    await expect(dialog).toBeHidden();
    await expect(approver.getByText("Kept: Covers for a colleague until spring")).toBeVisible();
    await expect(approver.getByText(`No new candidate is opened for this seat until ${inWords(until)}.`)).toBeVisible();
    expect(await journal()).toEqual(before);
  });

  await test.step("the approver takes the other back, and the page goes on by itself until it is proven", async () => {
    await approver.goto(new URL(takenAddress, approver.url()).href);
    await approver.getByRole("button", { name: "Take it back" }).click();
    const dialog = approver.getByRole("dialog", { name: `Take ${taken.sku.name} back from ${taken.person.display_name}?` });
    await expect(dialog).toContainText(`${taken.person.display_name} loses ${taken.sku.name}.`);
    await dialog.getByRole("button", { name: "Take it back" }).click();
    await expect(dialog).toBeHidden();
    await expect(badge(approver, await stateLabel("closed_complete"))).toBeVisible(LONG);
    const writes = approver.getByRole("region", { name: "Writes" });
    await expect(writes).toContainText("2 readings in a row: the seat is gone and nothing else changed");
  });

  await test.step("the page says why, how it went and who did what", async () => {
    const evidence = approver.getByRole("table", { name: "Evidence" });
    await expect(evidence.getByRole("row").filter({ hasText: "Employment" })).toContainText("HR roster");
    const history = approver.getByRole("region", { name: "History" }).getByRole("listitem");
    await expect(history.filter({ hasText: "Proposed: an approver decides." })).toContainText(account("license_manager").name);
    await expect(history.filter({ hasText: "Approved: the license will be taken back." })).toContainText(account("approver").name);
    await expect(history.filter({ hasText: "Proven: two readings agree" })).toBeVisible();
    await approver.getByRole("button", { name: "Show workflow" }).click();
    await expect(approver.getByRole("img", { name: /^Every state a candidate can be in/ })).toBeVisible();
    const way = approver.getByRole("region", { name: "Workflow" }).getByRole("list").first().getByRole("listitem");
    const went = ["ready", "awaiting_approval", "awaiting_revocation", "revoking", "verifying", "closed_complete"];
    await expect(way).toHaveText(await Promise.all(went.map(async (state) => new RegExp(`^${await stateLabel(state)}`))));
    await expect(approver).toHaveURL(/workflow=1/);
  });

  await test.step("in the tenant exactly this seat is gone", async () => {
    const effects = (await journal()).slice(before.length);
    expect(effects).toMatchObject([
      { kind: "license_removed", user_id: taken.person.user_id, sku_id: taken.sku.sku_id, app_id: expect.any(String) },
    ]);
    expect(await heldPlans(taken.person.user_id, taken.sku.sku_id)).toBeNull();
    expect(await heldPlans(kept.person.user_id, kept.sku.sku_id)).not.toBeNull();
  });

  await test.step("the overview counts the savings", async () => {
    await manager.getByRole("link", { name: "Reseat" }).click();
    const proven = provenBefore + Number(taken.annual_cost?.USD);
    await expect(figure(manager, "Proven savings per year")).toContainText(dollars(proven));
  });

  await test.step("the license manager gives it back, exactly as it was", async () => {
    await manager.goto(new URL(takenAddress, manager.url()).href);
    await manager.getByRole("button", { name: "Restore" }).click();
    const dialog = manager.getByRole("dialog", { name: `Give ${taken.sku.name} back to ${taken.person.display_name}?` });
    await dialog.getByRole("button", { name: "Restore" }).click();
    await expect(dialog).toBeHidden();
    await expect(badge(manager, await stateLabel("closed_restored"))).toBeVisible(LONG);
    const effects = (await journal()).slice(before.length);
    expect(effects).toMatchObject([
      { kind: "license_removed", user_id: taken.person.user_id, sku_id: taken.sku.sku_id },
      { kind: "license_added", user_id: taken.person.user_id, sku_id: taken.sku.sku_id },
    ]);
    expect(await heldPlans(taken.person.user_id, taken.sku.sku_id)).toEqual(plansBefore);
    expect((await read<TrailReport>("/audit/verify")).ok).toBe(true);
  });
});

/** The state beside the page's title. */
function badge(page: Page, label: string) {
  return page.getByRole("main").locator("header").getByText(label, { exact: true });
}
