import { expect, test } from "@playwright/test";
import { demo } from "./support/demo.ts";

test("the console opens", async ({ page }) => {
  await page.goto(demo().console_url);
  await expect(page.getByRole("heading").first()).toBeVisible();
});
