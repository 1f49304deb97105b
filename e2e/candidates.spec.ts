import { candidate, idleSeats, journal, open, rest } from "./support/rest.ts";
import { expect, test } from "./support/test.ts";

test("several are decided at once, and the page says what became of each", async ({ as }) => {
  const seats = (await idleSeats("direct")).slice(0, 3);
  const ids: string[] = [];
  for (const seat of seats) ids.push(await open(seat));
  const before = await journal();
  const manager = await as("license_manager", "/candidates?state=ready");
  const list = manager.getByRole("table", { name: "Candidates" });
  for (const seat of seats) {
    await list.getByRole("checkbox", { name: new RegExp(`: ${seat.sku.name} of ${seat.person.display_name}$`) }).check();
  }
  await manager.getByRole("region", { name: "3 selected" }).getByRole("button", { name: "Let them keep it" }).click();
  const dialog = manager.getByRole("dialog", { name: "Let them keep it: 3 candidates?" });
  await dialog.getByRole("textbox", { name: "Reason" }).fill("They come back from parental leave");
  await dialog.getByRole("button", { name: "Let them keep it" }).click();
  await expect(dialog).toBeHidden();
  await expect(manager.getByText("3 done", { exact: true })).toBeVisible();
  await expect(manager.getByRole("table", { name: "What came of it" }).getByText("Kept", { exact: true })).toHaveCount(3);
  for (const id of ids) expect(await candidate(id)).toMatchObject({ state: "closed_skipped", keep: { reason: "They come back from parental leave" } });
  expect(await journal()).toEqual(before);
});

test("more than ten at once are typed out before anything is started", async ({ as }) => {
  const able = await idleSeats("direct");
  expect(able.length).toBeGreaterThan(10);
  const before = await journal();
  const manager = await as("license_manager", "/seats?kind=idle");
  await manager.getByRole("button", { name: /^Select all shown/ }).click();
  const chosen = Number(/\d+/.exec(await manager.getByRole("status").filter({ hasText: "selected" }).innerText())?.[0]);
  await manager.getByRole("button", { name: "Reclaim", exact: true }).click();
  const dialog = manager.getByRole("dialog", { name: `Reclaim ${chosen} seats?` });
  await dialog.getByRole("textbox", { name: `Type ${chosen} to confirm` }).fill(String(chosen - 1));
  await dialog.getByRole("button", { name: "Reclaim" }).click();
  await expect(dialog.getByText(`This is about ${chosen}: type that number.`)).toBeVisible();
  await dialog.getByRole("button", { name: "Cancel" }).click();
  await expect(dialog).toBeHidden();
  expect(await journal()).toEqual(before);
  // The server asks for it too.
  const ids = [];
  for (const seat of able.slice(0, 11)) ids.push(await open(seat));
  await expect(rest("license_manager", "POST", "/candidates/actions/start", { candidate_ids: ids })).rejects.toThrow(/typed_count/);
  const states = await Promise.all(ids.map(async (id) => (await candidate(id)).state));
  expect(new Set(states)).toEqual(new Set(["ready"]));
});
