import { idleSeats, journal, read, type Seat, stateLabel } from "./support/rest.ts";
import { expect, test } from "./support/test.ts";

test("a seat that comes through a group is found and priced, and starting it ends with a person, without a write", async ({ as }) => {
  const [seat] = (await idleSeats("group")).filter((one) => one.annual_cost !== null);
  if (!seat) throw new Error("the demo has no idle seat that comes through a group");
  const group = seat.paths[0]?.group_name ?? "";
  const before = await journal();
  const manager = await as("license_manager", `/seats/${seat.seat_id}`);
  await expect(manager.getByRole("region", { name: "About this seat" })).toContainText(group);
  await manager.getByRole("button", { name: "Reclaim" }).click();
  const dialog = manager.getByRole("dialog", { name: "Reclaim 1 seat?" });
  await expect(dialog).toContainText("1 seat is held through a group: marked as needing attention, nothing is written for it.");
  await dialog.getByRole("button", { name: "Reclaim" }).click();
  const outcome = manager.getByRole("table", { name: "What came of it" }).getByRole("row").filter({ hasText: seat.person.display_name });
  await expect(outcome).toContainText(await stateLabel("attention_required"));
  await outcome.getByRole("link").click();
  await expect(manager.getByText(`held through group ${group}`, { exact: false }).first()).toBeVisible();
  await expect(manager.getByRole("region", { name: "Writes" })).toContainText("Nothing was written.");
  await expect(manager.getByRole("region", { name: "Approval" })).toContainText("Not approved");

  // Trying again changes nothing about how the seat is held.
  await manager.getByRole("button", { name: "Try again" }).click();
  await manager.getByRole("dialog").getByRole("button", { name: "Try again" }).click();
  await expect(manager.getByRole("dialog")).toBeHidden();
  await manager.getByRole("button", { name: /^(Reclaim|Skip)$/ }).first().waitFor();
  expect(await journal()).toEqual(before);
});

test("a seat that is held directly and through a group shows both ways", async ({ as }) => {
  const { items } = await read<{ items: Seat[] }>("/seats?kind=in_use&limit=200");
  const both = items.find((seat) => new Set(seat.paths.map((path) => path.via)).size === 2);
  if (!both) throw new Error("the demo has nobody who holds a license in both ways");
  const auditor = await as("auditor", `/seats/${both.seat_id}`);
  const about = auditor.getByRole("region", { name: "About this seat" });
  await expect(about).toContainText("Assigned directly");
  await expect(about).toContainText(both.paths.find((path) => path.via === "group")?.group_name ?? "a group");
});
