// What holds for every page: nothing inaccessible, nothing wider than the screen, nothing against the content security
// policy (every test listens for that), both themes, the keyboard, and a word for what is empty or went wrong.
import type { Page } from "@playwright/test";
import { demo } from "./support/demo.ts";
import { act, idleSeats, open, read } from "./support/rest.ts";
import { violations } from "./support/fit.ts";
import { expect, test } from "./support/test.ts";

/** A page, who looks at it, and what says that it is all there. */
interface Stop {
  name: string;
  role: string;
  address: () => string | Promise<string>;
  heading: string | RegExp;
}

let candidateId = "";
let seatId = "";
let skuId = "";
let userId = "";

test.beforeAll(async () => {
  const [seat] = await idleSeats("direct");
  if (!seat) throw new Error("the demo has no idle seat");
  seatId = seat.seat_id;
  skuId = seat.sku.sku_id;
  userId = seat.person.user_id;
  candidateId = await open(seat);
  // What is proposed shows more than what is only open.
  await act("license_manager", candidateId, "start");
});

const STOPS: Stop[] = [
  { name: "overview", role: "license_manager", address: () => "/", heading: "Overview" },
  { name: "recoverable spend", role: "license_manager", address: () => "/recoverable", heading: "Recoverable spend" },
  { name: "license type", role: "license_manager", address: () => `/recoverable/${skuId}`, heading: /./ },
  { name: "seats", role: "license_manager", address: () => "/seats?kind=idle", heading: "Seats" },
  { name: "seat", role: "license_manager", address: () => `/seats/${seatId}`, heading: / of / },
  { name: "candidates", role: "approver", address: () => "/candidates", heading: "Candidates" },
  { name: "candidate", role: "approver", address: () => `/candidates/${candidateId}?workflow=1`, heading: /^No\. / },
  { name: "people", role: "auditor", address: () => "/people", heading: "People" },
  { name: "person", role: "auditor", address: () => `/people/${userId}`, heading: /./ },
  { name: "trail", role: "auditor", address: () => "/trail", heading: "Trail" },
  { name: "trail entry", role: "auditor", address: lastEntry, heading: /./ },
  { name: "applications", role: "admin", address: () => "/applications", heading: "Applications" },
  { name: "integration", role: "admin", address: () => `/applications/${demo().tenant_id}`, heading: /Contoso/ },
  { name: "doctor", role: "admin", address: () => `/applications/${demo().tenant_id}?tab=doctor`, heading: "Findings" },
  { name: "execution log", role: "admin", address: () => `/applications/${demo().tenant_id}?tab=log`, heading: /Contoso/ },
  { name: "accounts", role: "admin", address: () => "/settings", heading: "Settings" },
  { name: "tokens", role: "admin", address: () => "/settings/tokens", heading: "Settings" },
  { name: "no such page", role: "auditor", address: () => "/nowhere", heading: "There is no such page" },
];

async function lastEntry(): Promise<string> {
  const { items } = await read<{ items: { seq: number }[] }>("/audit?limit=1");
  return `/trail/tenant/${items[0]?.seq}`;
}

async function isThere(page: Page, heading: string | RegExp): Promise<void> {
  await expect(page.getByRole("heading", { name: heading }).first()).toBeVisible();
  await expect(page.getByLabel("Loading")).toHaveCount(0);
}

const WIDE = { width: 1360, height: 850 };
const PHONE = { width: 390, height: 844 };

/** Both themes at both widths, and nothing to scroll sideways on the narrowest screen. */
async function isFit(page: Page, heading: string | RegExp): Promise<void> {
  for (const size of [WIDE, PHONE]) {
    await page.setViewportSize(size);
    for (const colorScheme of ["light", "dark"] as const) {
      await page.emulateMedia({ colorScheme });
      await expect(page.locator("html")).toHaveCSS("color-scheme", colorScheme);
      await isThere(page, heading);
      expect(await violations(page), `${colorScheme}, ${size.width} px`).toEqual([]);
    }
  }
  await page.setViewportSize({ width: 320, height: 640 });
  await expect.poll(() => page.evaluate(() => document.documentElement.scrollWidth), "at 320 px").toBeLessThanOrEqual(320);
}

for (const stop of STOPS) {
  test(`${stop.name}: accessible in both themes, wide and narrow`, async ({ as }) => {
    const page = await as(stop.role, await stop.address());
    await isThere(page, stop.heading);
    await isFit(page, stop.heading);
  });
}

test("the door: accessible in both themes, wide and narrow", async ({ page }) => {
  await page.goto(demo().console_url);
  await isThere(page, "Sign in to Reseat");
  await isFit(page, "Sign in to Reseat");
});

test("dialogs, menus and the narrow navigation are accessible too", async ({ as }) => {
  const page = await as("approver", `/candidates/${candidateId}`);
  await page.getByRole("button", { name: "Let them keep it" }).click();
  await expect(page.getByRole("dialog")).toBeVisible();
  expect(await violations(page), "a dialog").toEqual([]);
  await page.keyboard.press("Escape");
  await expect(page.getByRole("dialog")).toBeHidden();
  await page.getByRole("button", { name: "Account of approver" }).click();
  await expect(page.getByRole("menuitem", { name: "Sign out" })).toBeVisible();
  expect(await violations(page), "the account menu").toEqual([]);
  await page.keyboard.press("Escape");
  await page.getByRole("button", { name: /^How fresh the data is/ }).click();
  await expect(page.getByText("Where the data stands")).toBeVisible();
  expect(await violations(page), "how fresh the data is").toEqual([]);
  await page.keyboard.press("Escape");
  await page.setViewportSize(PHONE);
  await page.getByRole("button", { name: "Open navigation" }).click();
  const drawer = page.getByRole("dialog");
  await expect(drawer.getByRole("link", { name: "Trail" })).toBeVisible();
  expect(await violations(page), "the narrow navigation").toEqual([]);
  await drawer.getByRole("link", { name: "Trail" }).click();
  await expect(page.getByRole("heading", { name: "Trail", level: 1 })).toBeVisible();
  await expect(drawer).toBeHidden();
});

test("these checks see what is planted: a picture without words, an inline script, a page that is too wide", async ({
  page,
  complaints,
}) => {
  complaints.expect(/policy violation|Content Security Policy/);
  await page.goto(demo().console_url);
  await isThere(page, "Sign in to Reseat");
  await page.evaluate(() => {
    const script = document.createElement("script");
    script.textContent = "window.planted = true";
    const picture = document.createElement("img");
    picture.src = "/icon.svg";
    picture.width = 500;
    document.body.append(script, picture);
  });
  expect(await violations(page)).toEqual([expect.stringContaining("image-alt"), expect.stringContaining("region")]);
  await expect.poll(() => complaints.has(/policy violation: script-src/)).toBe(true);
  expect(await page.evaluate(() => "planted" in window)).toBe(false);
  await page.setViewportSize({ width: 320, height: 640 });
  expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeGreaterThan(320);
});

test("the theme is chosen by hand and stays chosen", async ({ as }) => {
  const page = await as("auditor");
  await page.getByRole("button", { name: "Account of auditor" }).click();
  await page.getByRole("menuitemradio", { name: "Dark" }).click();
  await expect(page.locator("html")).toHaveCSS("color-scheme", "dark");
  await page.reload();
  await expect(page.locator("html")).toHaveCSS("color-scheme", "dark");
});

test("by keyboard alone: past the navigation, to the action, out of the dialog and back to where it was", async ({ as }) => {
  const page = await as("approver", `/candidates/${candidateId}`);
  await isThere(page, /^No\. /);
  await page.keyboard.press("Tab");
  await expect(page.getByRole("link", { name: "Skip to content" })).toBeFocused();
  await page.keyboard.press("Enter");
  await expect(page.getByRole("main")).toBeFocused();
  const action = page.getByRole("button", { name: "Take it back" });
  await tabTo(page, "Take it back");
  await expect(action).toBeFocused();
  await page.keyboard.press("Enter");
  const dialog = page.getByRole("dialog");
  await expect(dialog).toBeVisible();
  await expect(dialog.locator(":focus")).toHaveCount(1);
  await page.keyboard.press("Escape");
  await expect(dialog).toBeHidden();
  await expect(action).toBeFocused();
});

/** Presses Tab until the focus is on what has this text; fails when it takes too long. */
async function tabTo(page: Page, text: string): Promise<void> {
  for (let presses = 0; presses < 15; presses += 1) {
    await page.keyboard.press("Tab");
    if ((await page.locator(":focus").innerText()) === text) return;
  }
  throw new Error(`"${text}" is not reached by Tab`);
}

for (const address of ["/seats?q=nobody-is-called-this", "/candidates?q=nobody-is-called-this", "/people?q=nobody-is-called-this"]) {
  test(`${address.slice(1).split("?")[0]}: filters that match nothing say so and are cleared`, async ({ as }) => {
    const page = await as("license_manager", address);
    await expect(page.getByText("Nothing matches these filters")).toBeVisible();
    await page.getByRole("button", { name: "Clear filters" }).click();
    await expect(page.getByRole("table").first().getByRole("row").nth(1)).toBeVisible();
    await expect(page).not.toHaveURL(/nobody/);
  });
}

test("an address of something that is not there says so", async ({ as, complaints }) => {
  complaints.expect(/status of 404/, /status of 422/);
  const page = await as("auditor", "/candidates/01a00000-0000-7000-8000-000000000000");
  await expect(page.getByText("There is no such page")).toBeVisible();
  await page.getByRole("link", { name: "Go to the overview" }).click();
  await expect(page.getByRole("heading", { name: "Overview" })).toBeVisible();
});

test("one call that fails is said in its place, and tried again", async ({ as, complaints }) => {
  complaints.expect(/net::ERR_FAILED/);
  const page = await as("auditor");
  await page.route("**/api/v1/people?**", (route) => route.abort());
  await page.route("**/api/v1/people", (route) => route.abort());
  await page.getByRole("link", { name: "People", exact: true }).click();
  await expect(page.getByText("Reseat does not answer.")).toBeVisible({ timeout: 20_000 });
  await page.unrouteAll();
  await page.getByRole("button", { name: "Try again" }).click();
  await expect(page.getByRole("table", { name: "People" }).getByRole("row").nth(1)).toBeVisible();
});

test("a server that is killed is back within moments, and the page goes on", async ({ as, complaints }) => {
  complaints.expect(/net::ERR_/);
  const page = await as("auditor", "/people");
  await isThere(page, "People");
  const server = demo().pids.server;
  process.kill(server, "SIGKILL");
  await page.getByRole("link", { name: "Trail", exact: true }).click();
  await expect(page.getByRole("heading", { name: "Trail", level: 1 })).toBeVisible();
  const retry = page.getByRole("button", { name: "Try again" }).first();
  const list = page.getByRole("table", { name: "Trail" });
  // The page asks again by itself twice; a slow machine may need the button.
  await expect(async () => {
    if (await retry.isVisible()) await retry.click();
    await expect(list.getByRole("row").nth(1)).toBeVisible({ timeout: 3_000 });
  }).toPass({ timeout: 30_000 });
  await expect(page.getByText(/^The chain holds/)).toBeVisible({ timeout: 20_000 });
  expect(() => process.kill(server, 0), "it was another server that answered").toThrow("ESRCH");
});
