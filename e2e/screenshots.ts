// `npm run screenshots`: the pictures of the README, from a demo of its own.
import { mkdirSync, statSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import type { Page } from "@playwright/test";
import { act, candidate, open, removableSeats } from "./support/rest.ts";
import { expect, test } from "./support/test.ts";

const FOLDER = resolve(dirname(fileURLToPath(import.meta.url)), "../docs/images");
const LARGEST_BYTES = 300_000;

test.use({ colorScheme: "light", viewport: { width: 1360, height: 850 } });
test.beforeAll(() => mkdirSync(FOLDER, { recursive: true }));

async function picture(page: Page, name: string): Promise<void> {
  await expect(page.getByLabel("Loading")).toHaveCount(0);
  const path = join(FOLDER, name);
  await page.mouse.move(0, 0);
  await page.screenshot({ path, animations: "disabled" });
  expect(statSync(path).size, name).toBeLessThan(LARGEST_BYTES);
}

test("a candidate that was proven gone, and the overview with what it saves", async ({ as }) => {
  test.setTimeout(120_000);
  const seats = (await removableSeats()).filter((seat) => (seat.finding?.idle_days ?? 0) >= 90);
  const ids: string[] = [];
  for (const seat of seats.slice(0, 5)) ids.push(await open(seat));
  for (const id of ids.slice(0, 4)) await act("license_manager", id, "start");
  for (const id of ids.slice(0, 2)) await act("approver", id, "approve");
  for (const id of ids.slice(0, 2)) {
    await expect.poll(async () => (await candidate(id)).state, { timeout: 60_000 }).toBe("closed_complete");
  }
  const page = await as("license_manager", `/candidates/${ids[0]}?workflow=1`);
  await expect(page.getByRole("img", { name: /^Every state/ })).toBeVisible();
  await picture(page, "candidate.png");
  await page.goto(new URL("/", page.url()).href);
  await expect(page.getByRole("region", { name: "Figures" })).toBeVisible();
  await picture(page, "overview.png");
});
