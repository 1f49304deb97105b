import type { Page } from "@playwright/test";
import { account, demo } from "./support/demo.ts";
import { act, idleSeats, open } from "./support/rest.ts";
import { expect, test } from "./support/test.ts";

async function signIn(page: Page, name: string, password: string): Promise<void> {
  await page.getByRole("textbox", { name: "Name" }).fill(name);
  await page.getByLabel("Password").fill(password);
  await page.getByRole("button", { name: "Sign in" }).click();
}

test("a wrong password is refused in plain words, and nothing is shown", async ({ page, complaints }) => {
  await page.goto(demo().console_url);
  await expect(page.getByRole("heading", { name: "Sign in to Reseat" })).toBeVisible();
  await signIn(page, account("auditor").name, "not the password");
  await expect(page.getByText("Name or password is wrong.")).toBeVisible();
  await expect(page.getByRole("navigation")).toHaveCount(0);
  // A second attempt needs no reload.
  await signIn(page, account("auditor").name, account("auditor").password);
  await expect(page.getByRole("heading", { name: "Overview" })).toBeVisible();
  complaints.expect();
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
