import { demo } from "./support/demo.ts";
import { idleSeats, open } from "./support/rest.ts";
import { expect, test } from "./support/test.ts";

test("the trail is checked whole, narrowed by the address, and each entry shows what it holds", async ({ as }) => {
  const seat = (await idleSeats("direct")).find((one) => one.candidate === null);
  if (!seat) throw new Error("the demo has no idle seat");
  const id = await open(seat);
  const auditor = await as("auditor", "/trail");
  await expect(auditor.getByText(/^The chain holds: [\d,]+ entries checked$/)).toBeVisible();
  const list = auditor.getByRole("table", { name: "Trail" });
  await expect(list.getByRole("row").nth(1)).toContainText("Opened as a candidate.");

  await auditor.getByRole("combobox", { name: "About" }).selectOption({ label: "Candidates" });
  await expect(auditor).toHaveURL(/object_kind=candidate/);
  await expect(list.getByText(/^Price of/)).toHaveCount(0);
  await auditor.reload();
  await expect(auditor.getByRole("combobox", { name: "About" })).toHaveValue("candidate");

  await list.getByRole("link", { name: "Opened as a candidate." }).first().click();
  await expect(auditor.getByRole("heading", { name: "Opened as a candidate.", level: 1 })).toBeVisible();
  const facts = auditor.getByRole("region", { name: "What is recorded" });
  await expect(facts).toContainText("license-manager");
  await expect(facts.getByRole("link", { name: new RegExp(id) })).toHaveAttribute("href", `/candidates/${id}`);
  await expect(auditor.getByRole("region", { name: "Chain" })).toContainText(/Leaf hash\s*[0-9a-f]{64}/);

  await auditor.getByRole("link", { name: "Everything about this" }).click();
  await expect(auditor).toHaveURL(new RegExp(`object_id=${id}`));
  await expect(list.getByRole("row")).toHaveCount(2);
  await auditor.goBack();
  await expect(auditor.getByRole("heading", { name: "Opened as a candidate.", level: 1 })).toBeVisible();
});

test("the log of accounts and sign-ins is another one, also checked", async ({ as }) => {
  const admin = await as("admin", "/trail");
  await admin.getByRole("combobox", { name: "Log" }).selectOption({ label: "Accounts and sign-ins" });
  await expect(admin).toHaveURL(`${demo().console_url}/trail?log=installation`);
  await expect(admin.getByRole("table", { name: "Trail" }).getByRole("row").nth(1)).toBeVisible();
});
