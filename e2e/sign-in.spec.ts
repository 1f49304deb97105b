import type { Page } from "@playwright/test";
import { account, demo } from "./support/demo.ts";
import { act, idleSeats, open, rest } from "./support/rest.ts";
import { expect, test } from "./support/test.ts";

async function signIn(page: Page, name: string, password: string): Promise<void> {
  await page.getByRole("textbox", { name: "Name" }).fill(name);
  await page.getByLabel("Password").fill(password);
  await page.getByRole("button", { name: "Sign in" }).click();
}

test("a wrong password is refused in plain words, and nothing is shown", async ({ page }) => {
  await page.goto(demo().console_url);
  await expect(page.getByRole("heading", { name: "Sign in to Reseat" })).toBeVisible();
  await signIn(page, account("auditor").name, "not the password");
  await expect(page.getByText("Name or password is wrong.")).toBeVisible();
  await expect(page.getByRole("navigation")).toHaveCount(0);
  // A second attempt needs no reload.
  await signIn(page, account("auditor").name, account("auditor").password);
  await expect(page.getByRole("heading", { name: "Overview" })).toBeVisible();
});

for (const role of ["license_manager", "approver", "admin", "reviewer", "auditor"]) {
  test(`the ${role.replace("_", " ")} signs in and out`, async ({ page }) => {
    const { name, password } = account(role);
    await page.goto(demo().console_url);
    await signIn(page, name, password);
    await page.getByRole("button", { name: `Account of ${name}` }).click();
    await page.getByRole("menuitem", { name: "Sign out" }).click();
    await expect(page.getByRole("heading", { name: "Sign in to Reseat" })).toBeVisible();
    // Signed out on the server too: the address of a page leads back to the door.
    await page.goto(`${demo().console_url}/people`);
    await expect(page.getByRole("heading", { name: "Sign in to Reseat" })).toBeVisible();
    await expect(page).toHaveURL(/\/sign-in\?next=%2Fpeople$/);
  });
}

test("a deep link is come back to after signing in", async ({ page }) => {
  const wanted = "/trail?object_kind=account&log=installation";
  await page.goto(demo().console_url + wanted);
  await signIn(page, account("auditor").name, account("auditor").password);
  await expect(page.getByRole("heading", { name: "Trail", level: 1 })).toBeVisible();
  await expect(page).toHaveURL(demo().console_url + wanted);
  await expect(page.getByRole("combobox", { name: "About" })).toHaveValue("account");
});

test("an auditor sees a candidate with everything about it and can do nothing to it", async ({ as }) => {
  const [seat] = await idleSeats("direct");
  if (!seat) throw new Error("the demo has no idle seat");
  const id = await open(seat);
  await act("license_manager", id, "start");
  const auditor = await as("auditor", `/candidates/${id}`);
  const actions = auditor.getByRole("region", { name: "What you can do" });
  await expect(actions).toContainText("Nothing is yours to do here now.");
  await expect(auditor.getByRole("table", { name: "Evidence" })).toBeVisible();
  // What would be possible for others is there, cannot be pressed, and says why.
  const takeBack = actions.getByRole("button", { name: "Take it back" });
  await expect(takeBack).toBeDisabled();
  await takeBack.focus();
  await expect(auditor.getByRole("tooltip")).toHaveText("Needs the Approver role.");
  await expect(auditor.getByRole("button", { name: "+1 hour" })).toHaveCount(0);
  await auditor.goto(`${demo().console_url}/recoverable/${seat.sku.sku_id}`);
  await expect(auditor.getByText("Opening candidates needs the License Manager role.")).toBeVisible();
  await expect(auditor.getByRole("checkbox")).toHaveCount(0);
  // The page only spares a refused click: the server refuses it too.
  await expect(rest("auditor", "POST", `/candidates/${id}/actions/approve`, {})).rejects.toThrow(/40[39]/);
});

test("a reviewer is told that nothing waits for review, and can still freeze", async ({ as }) => {
  const reviewer = await as("reviewer", "/people");
  await expect(reviewer.getByRole("heading", { name: "Nothing waits for your review" })).toBeVisible();
  await expect(reviewer.getByRole("navigation", { name: "Pages" }).getByRole("link")).toHaveText(["Settings"]);
  await expect(reviewer.getByRole("button", { name: "Freeze" })).toBeEnabled();
  await reviewer.getByRole("link", { name: "Settings" }).click();
  await expect(reviewer.getByRole("heading", { name: "Settings" })).toBeVisible();
  await expect(reviewer.getByRole("link", { name: "Accounts and roles" })).toHaveCount(0);
});

test("a license manager proposes and does not decide", async ({ as }) => {
  const [seat] = await idleSeats("direct");
  if (!seat) throw new Error("the demo has no idle seat");
  const id = await open(seat);
  await act("license_manager", id, "start");
  const manager = await as("license_manager", `/candidates/${id}`);
  const takeBack = manager.getByRole("button", { name: "Take it back" });
  await expect(takeBack).toBeDisabled();
  await takeBack.focus();
  await expect(manager.getByRole("tooltip")).toHaveText("Needs the Approver role.");
  await expect(rest("license_manager", "POST", `/candidates/${id}/actions/approve`, {})).rejects.toThrow(/40[39]/);
});
