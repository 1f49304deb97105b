import { act, advance, candidate, type CandidateDetail, journal, open, read, removableSeats, rest, stateLabel } from "./support/rest.ts";
import { expect, test } from "./support/test.ts";

const BAR = "Frozen: no new write starts";
const WHY = "The roster of this morning looks odd";

interface Sync {
  sync_id: string;
  status: string;
}

// Whatever a test leaves behind, the next one can write.
test.afterEach(async () => {
  for (const role of ["license_manager", "approver"]) {
    const { freeze } = await read<{ freeze: object | null }>("/freeze");
    if (freeze !== null) await rest(role, "POST", "/thaw", {}).catch(() => undefined);
  }
});

test("anybody freezes with a reason; what is approved then waits until two people thaw", async ({ as, complaints }) => {
  test.setTimeout(120_000);
  const [seat] = await removableSeats();
  if (!seat) throw new Error("the demo has no idle seat");
  const id = await open(seat);
  await act("license_manager", id, "start");
  const before = await journal();

  const auditor = await as("auditor");
  await test.step("the auditor freezes and has to say why", async () => {
    await auditor.getByRole("button", { name: "Freeze" }).click();
    const dialog = auditor.getByRole("dialog", { name: "Freeze all writes" });
    await dialog.getByRole("button", { name: "Freeze now" }).click();
    await expect(dialog.getByText("Please say why.")).toBeVisible();
    await dialog.getByRole("textbox", { name: "Reason" }).fill(WHY);
    await dialog.getByRole("button", { name: "Freeze now" }).click();
    await expect(dialog).toBeHidden();
    const bar = auditor.getByRole("region", { name: BAR });
    await expect(bar).toContainText(WHY);
    await expect(bar).toContainText("auditor");
    await expect(bar.getByRole("button", { name: "Thaw" })).toBeDisabled();
    await expect(auditor.getByRole("button", { name: "Freeze" })).toHaveCount(0);
  });

  const approver = await as("approver", `/candidates/${id}`);
  await test.step("what is approved meanwhile is not written", async () => {
    await expect(approver.getByRole("region", { name: BAR })).toBeVisible();
    await approver.getByRole("button", { name: "Take it back" }).click();
    await approver.getByRole("dialog").getByRole("button", { name: "Take it back" }).click();
    await expect(approver.getByRole("dialog")).toBeHidden();
    await expect(approver.getByText(await stateLabel("awaiting_revocation"), { exact: true }).first()).toBeVisible();
    await expect(approver.getByText(`Approved, and not written now: writes are frozen: ${WHY}`)).toBeVisible();
    // An hour goes by and the server does other work, as it would have done this.
    await advance(3_600);
    await aWholeSync();
    expect((await candidate(id)).state).toBe("awaiting_revocation");
    expect(await journal()).toEqual(before);
  });

  const manager = await as("license_manager", "/candidates");
  await test.step("one person alone does not thaw", async () => {
    complaints.expect(/status of 409.*\/api\/v1\/thaw$/);
    const bar = manager.getByRole("region", { name: BAR });
    await bar.getByRole("button", { name: "Thaw" }).click();
    const dialog = manager.getByRole("dialog", { name: "Let writes start again" });
    await dialog.getByRole("button", { name: "Thaw" }).click();
    await expect(dialog).toBeHidden();
    await expect(bar).toContainText("license-manager asked to thaw");
    await bar.getByRole("button", { name: "Confirm thaw" }).click();
    await dialog.getByRole("button", { name: "Confirm thaw" }).click();
    await expect(dialog.getByText("You asked already; another person has to confirm.")).toBeVisible();
    await manager.keyboard.press("Escape");
    await expect(dialog).toBeHidden();
    await expect(bar).toBeVisible();
    expect(await journal()).toEqual(before);
  });

  await test.step("a second person does, and the approved removal goes on", async () => {
    // The page may have been read before the first person asked.
    await approver.reload();
    const bar = approver.getByRole("region", { name: BAR });
    await bar.getByRole("button", { name: "Confirm thaw" }).click();
    await approver.getByRole("dialog").getByRole("button", { name: "Confirm thaw" }).click();
    await expect(bar).toBeHidden();
    const done: Pick<CandidateDetail, "state"> = { state: "closed_complete" };
    await expect.poll(async () => (await candidate(id)).state, { timeout: 40_000 }).toBe(done.state);
    await expect(approver.getByText(await stateLabel(done.state), { exact: true }).first()).toBeVisible();
    expect((await journal()).slice(before.length)).toMatchObject([
      { kind: "license_removed", user_id: seat.person.user_id, sku_id: seat.sku.sku_id },
    ]);
  });
});

async function aWholeSync(): Promise<void> {
  const { items } = await rest<{ items: Sync[] }>("license_manager", "POST", "/syncs", {});
  for (const { sync_id } of items) {
    await expect.poll(async () => (await read<Sync>(`/syncs/${sync_id}`)).status, { timeout: 30_000 }).toBe("succeeded");
  }
}
