import type { Page } from "@playwright/test";
import { type FreshServer, freshServer } from "./support/server.ts";
import { expect, test } from "./support/test.ts";

let server: FreshServer;

test.beforeAll(async () => {
  server = await freshServer();
});
test.afterAll(() => server.stop());

const PASSWORD = "a long enough password";

test("the first administrator comes in with the one-time code, works alone, and stops working alone", async ({ page, complaints }) => {
  test.setTimeout(90_000);
  complaints.expect(/status of (403|422).*\/api\/v1\/setup\/bootstrap$/);

  await test.step("nobody comes in with another code or a short password", async () => {
    await page.goto(`${server.url}/people`);
    await expect(page.getByRole("heading", { name: "Set up Reseat" })).toBeVisible();
    await expect(page).toHaveURL(`${server.url}/setup`);
    await page.getByRole("textbox", { name: "One-time code" }).fill("WRONG-CODE");
    await page.getByRole("textbox", { name: "Your name" }).fill("Ada");
    await page.getByLabel("Password").fill(PASSWORD);
    await page.getByRole("radio", { name: /^Only me/ }).check();
    const submit = page.getByRole("button", { name: "Create account and sign in" });
    await submit.click();
    await expect(page.getByText("This code is not valid, was used already, or is older than 15 minutes.")).toBeVisible();
    await page.getByRole("textbox", { name: "One-time code" }).fill(server.code);
    await page.getByLabel("Password").fill("short");
    await submit.click();
    await expect(page.getByText(/at least 12 characters/i).last()).toBeVisible();
    await page.getByLabel("Password").fill(PASSWORD);
    await submit.click();
    await expect(page.getByRole("heading", { name: "Overview" })).toBeVisible();
    await expect(page.getByRole("banner")).toContainText("Single operator");
  });

  await test.step("what is read appears without a hand", async () => {
    const figures = page.getByRole("region", { name: "Figures" });
    await expect(async () => {
      await page.reload();
      await expect(figures).toContainText(/[1-9]\d* idle seats/, { timeout: 2_000 });
    }).toPass({ timeout: 30_000 });
  });

  await test.step("one person thaws by typing the word", async () => {
    await page.getByRole("button", { name: "Freeze" }).click();
    const freeze = page.getByRole("dialog", { name: "Freeze all writes" });
    await freeze.getByRole("textbox", { name: "Reason" }).fill("A trial");
    await freeze.getByRole("button", { name: "Freeze now" }).click();
    await page.getByRole("button", { name: "Thaw" }).click();
    const thaw = page.getByRole("dialog", { name: "Let writes start again" });
    await thaw.getByRole("textbox", { name: "Type thaw to confirm" }).fill("yes");
    await thaw.getByRole("button", { name: "Thaw" }).click();
    await expect(thaw).toBeVisible();
    await thaw.getByRole("textbox", { name: "Type thaw to confirm" }).fill("thaw");
    await thaw.getByRole("button", { name: "Thaw" }).click();
    await expect(thaw).toBeHidden();
    await expect(page.getByRole("region", { name: /^Frozen/ })).toBeHidden();
  });

  await test.step("a second approver ends it, and signs in", async () => {
    await page.getByRole("link", { name: "Settings" }).click();
    await page.getByRole("button", { name: "Add account" }).click();
    const add = page.getByRole("dialog", { name: "Add an account" });
    await add.getByRole("textbox", { name: "Name" }).fill("Ben");
    await add.getByLabel("First password").fill(PASSWORD);
    await add.getByRole("checkbox", { name: /^Approver/ }).check();
    await add.getByRole("button", { name: "Add account" }).click();
    await expect(add).toBeHidden();
    await expect(row(page, "Ben")).toContainText("Approver");
    // Nobody changes their own roles.
    await expect(row(page, "Ada").getByRole("button")).toHaveCount(0);
    await page.reload();
    await expect(page.getByRole("heading", { name: "Settings" })).toBeVisible();
    await expect(page.getByRole("banner")).not.toContainText("Single operator");
  });
});

test("an account that is disabled is out, and its token too", async ({ page, browser, complaints }) => {
  complaints.expect(/status of 401/);
  await signIn(page, "Ada");
  await page.getByRole("link", { name: "Settings" }).click();
  await page.getByRole("button", { name: "Add account" }).click();
  const add = page.getByRole("dialog", { name: "Add an account" });
  await add.getByRole("textbox", { name: "Name" }).fill("Cleo");
  await add.getByLabel("First password").fill(PASSWORD);
  await add.getByRole("checkbox", { name: /^Auditor/ }).check();
  await add.getByRole("button", { name: "Add account" }).click();
  await expect(row(page, "Cleo")).toContainText("Enabled");

  const theirs = await browser.newContext();
  const cleo = await theirs.newPage();
  await signIn(cleo, "Cleo");
  await cleo.getByRole("link", { name: "Settings" }).click();
  await cleo.getByRole("button", { name: "Create token" }).click();
  const create = cleo.getByRole("dialog", { name: "Create a token" });
  await create.getByRole("textbox", { name: "Name" }).fill("a script");
  await create.getByRole("button", { name: "Create token" }).click();
  const token = await cleo.getByText(/^rst_/).innerText();
  const use = async () => (await fetch(`${server.url}/api/v1/overview`, { headers: { authorization: `Bearer ${token}` } })).status;
  expect(await use()).toBe(200);

  await page.getByRole("button", { name: "Disable Cleo" }).click();
  await page.getByRole("dialog", { name: "Disable Cleo" }).getByRole("button", { name: "Disable" }).click();
  await expect(row(page, "Cleo")).toContainText("Disabled");
  expect(await use()).toBe(401);
  await cleo.reload();
  await expect(cleo.getByRole("heading", { name: "Sign in to Reseat" })).toBeVisible();
  await theirs.close();
});

async function signIn(page: Page, name: string): Promise<void> {
  await page.goto(server.url);
  await page.getByRole("textbox", { name: "Name" }).fill(name);
  await page.getByLabel("Password").fill(PASSWORD);
  await page.getByRole("button", { name: "Sign in" }).click();
  await expect(page.getByRole("heading", { name: "Overview" })).toBeVisible();
}

function row(page: Page, name: string) {
  return page.getByRole("table", { name: "Accounts and roles" }).getByRole("row").filter({ hasText: name });
}
