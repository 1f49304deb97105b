import type { Page } from "@playwright/test";
import { clearFaults, hrRoster, type Overview, read, slowGraph } from "./support/rest.ts";
import { demo } from "./support/demo.ts";
import { expect, test } from "./support/test.ts";

const address = () => `/applications/${demo().tenant_id}`;

function task(page: Page, label: string) {
  return page
    .getByRole("region", { name: "Integration tasks" })
    .getByRole("listitem")
    .filter({ has: page.getByRole("heading", { name: label }) });
}

async function importRoster(page: Page, csv: string): Promise<void> {
  const chooser = page.waitForEvent("filechooser");
  await page.getByRole("button", { name: "Import roster" }).click();
  await (await chooser).setFiles({ name: "roster.csv", mimeType: "text/csv", buffer: Buffer.from(csv) });
}

const rosterRows = async () =>
  (await read<Overview>("/overview")).sources.find((source) => source.label.includes("roster"))?.rows;

test.afterEach(clearFaults);

test("the integration page says what last ran, what is needed and what is called", async ({ as }) => {
  const manager = await as("license_manager", "/applications");
  await manager.getByRole("table", { name: "Applications" }).getByRole("link", { name: "Contoso (simulated)" }).click();
  for (const label of ["License Information", "Application Roster", "Application Access", "HR Roster"]) {
    await expect(task(manager, label)).toContainText("Succeeded");
    await expect(task(manager, label)).toContainText("Next run");
  }
  await expect(task(manager, "Application Roster")).toContainText("300");
  const permissions = manager.getByRole("table", { name: "Permissions" });
  await expect(permissions.getByRole("row").filter({ hasText: "Reclamation" }).first()).toContainText(/License|User/);
  await expect(manager.getByRole("table", { name: "Endpoints" })).toContainText("POST /v1.0/users/{id}/assignLicense");
  // Only an administrator switches tasks, and the page says so.
  await expect(manager.getByRole("switch", { name: "Reclamation is switched on" })).toBeDisabled();
});

test("a sync is started by hand, shows its progress and ends with its result", async ({ as }) => {
  await slowGraph("/users", 700, 4);
  const manager = await as("license_manager", address());
  await manager.getByRole("button", { name: "Sync Application Roster now" }).click();
  await expect(manager.getByRole("progressbar", { name: "Application Roster is running" })).toBeVisible();
  await expect(manager.getByRole("button", { name: "Sync Application Roster now" })).toBeDisabled();
  await expect(manager.getByRole("progressbar")).toHaveCount(0, { timeout: 20_000 });
  await expect(task(manager, "Application Roster")).toContainText("Succeeded");
  await expect(task(manager, "Application Roster")).toContainText("now");
  await manager.getByRole("link", { name: "Execution log" }).click();
  await expect(manager).toHaveURL(/tab=log/);
  const newest = manager.getByRole("table", { name: "Runs" }).getByRole("row").nth(1);
  await expect(newest).toContainText("Application Roster");
});

test("rows of a roster that are not understood are set aside with line and reason; the others count", async ({ as }) => {
  const good = await hrRoster();
  const lines = good.trimEnd().split("\n").length;
  const broken = `${good.trimEnd()}\nE900001,,No,Address,,Finance,active,2020-01-01,\nE900002,odd.status@contoso.example,Odd,Status,,Finance,perhaps,2020-01-01,\n`;
  const manager = await as("license_manager", address());
  await importRoster(manager, broken);
  await expect(manager.getByText(`${lines - 1} rows of the roster imported`, { exact: true })).toBeVisible();
  await expect(manager.getByText("2 rows were not understood and set aside", { exact: true })).toBeVisible();
  await manager.getByRole("link", { name: "Execution log" }).click();
  const aside = manager.getByRole("table", { name: "Rows set aside" }).getByRole("row");
  await expect(aside.filter({ hasText: String(lines + 1) })).toContainText("E900001");
  await expect(aside.filter({ hasText: String(lines + 2) })).toContainText("perhaps");
  expect(await rosterRows()).toBe(lines - 1);
});

test("an empty roster is refused in plain words, and the one before stays in use", async ({ as, complaints }) => {
  complaints.expect(/status of 422.*\/api\/v1\/roster$/);
  const before = await rosterRows();
  const header = (await hrRoster()).split("\n")[0] ?? "";
  const manager = await as("license_manager", address());
  await importRoster(manager, `${header}\n`);
  await expect(manager.getByText("the HR roster is empty; the last good one stays in use").first()).toBeVisible();
  await expect(task(manager, "HR Roster")).toContainText("Held");
  await expect(task(manager, "HR Roster")).toContainText("Check the file, then import it again.");
  expect(await rosterRows()).toBe(before);
});

test("an auditor sees all of it and starts nothing", async ({ as }) => {
  const auditor = await as("auditor", address());
  await expect(task(auditor, "HR Roster")).toContainText("Last run");
  for (const name of ["Sync now", "Sync Application Roster now", "Import roster"]) {
    await expect(auditor.getByRole("button", { name, exact: true }).first()).toBeDisabled();
  }
});
