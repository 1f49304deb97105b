// The ways into a tenant: entered, checked, changed and removed by an administrator; what a doctor says of them; and
// what may be written, and when.
import { readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import type { Locator, Page } from "@playwright/test";
import { demo } from "./support/demo.ts";
import { rest, simulatedApp, syncTask } from "./support/rest.ts";
import { violations } from "./support/fit.ts";
import { expect, test } from "./support/test.ts";

const address = (part = "") => `/applications/${demo().tenant_id}${part}`;

function connection(page: Page, name: string): Locator {
  return page
    .getByRole("region", { name: "Connections" })
    .getByRole("listitem")
    .filter({ has: page.getByRole("heading", { name, exact: true }) });
}

/** The app's certificate with its key, as the simulated administrator has it. */
const certificateOf = (purpose: string) =>
  readFileSync(join(dirname(demo().config_file), "sim-journal.jsonl.keys", `${purpose}.pem`), "utf8");

async function removeMailer(): Promise<void> {
  const { connections } = await rest<{ connections: { purpose: string }[] }>("admin", "GET", `${address()}`);
  if (connections.some((one) => one.purpose === "mailer")) {
    await rest("admin", "DELETE", `${address()}/connections/mailer`);
  }
}

test.afterEach(removeMailer);

test("the mailer is set up here: a wrong secret says what to do, a certificate works, and it is removed again", async ({ as }) => {
  const app = await simulatedApp("mailer");
  const page = await as("admin", address());
  const mailer = connection(page, "Mailer");
  await expect(mailer).toContainText("Not set up");

  await page.getByRole("button", { name: "Set up the Mailer" }).click();
  const dialog = page.getByRole("dialog", { name: "Set up the Mailer" });
  const save = dialog.getByRole("button", { name: "Save and check" });
  await expect(save).toBeDisabled();
  await dialog.getByRole("radio", { name: "Client secret" }).click();
  await dialog.getByLabel("Application (client) id").fill(app.client_id);
  await dialog.locator("input[type=password]").fill("not-the-secret");
  expect(await violations(page), "the form").toEqual([]);
  await save.click();
  await expect(dialog).toBeHidden();
  await expect(mailer).toContainText("Failing");
  await expect(mailer).toContainText("The client secret is wrong.");
  await expect(mailer).toContainText("its id does not work");
  await expect(mailer).not.toContainText("not-the-secret");

  await page.getByRole("button", { name: "Change the Mailer" }).click();
  await expect(dialog.getByLabel("Application (client) id")).toHaveValue(app.client_id);
  await dialog.getByRole("radio", { name: "Certificate" }).click();
  const chooser = page.waitForEvent("filechooser");
  await dialog.getByRole("button", { name: "Choose a file" }).click();
  const pem = Buffer.from(certificateOf("mailer"));
  await (await chooser).setFiles({ name: "mailer.pem", mimeType: "application/x-pem-file", buffer: pem });
  await expect(dialog.getByLabel("Private key and certificate")).toHaveValue(/BEGIN PRIVATE KEY/);
  await save.click();
  await expect(dialog).toBeHidden();
  await expect(mailer).toContainText("Working");
  await expect(mailer).toContainText("Mail.Send");
  await expect(mailer).not.toContainText("BEGIN");
  // The notice fades in, and until then it has not its own colors.
  await expect(page.getByText("The Mailer works").last()).toBeVisible();
  expect(await violations(page), "the connections").toEqual([]);

  const checked = page.waitForResponse((answer) => answer.url().endsWith("/connections/mailer/check"));
  await page.getByRole("button", { name: "Check the Mailer now" }).click();
  expect((await checked).status()).toBe(200);
  await expect(mailer).toContainText("Working");

  await page.getByRole("button", { name: "Remove the Mailer" }).click();
  const asked = page.getByRole("dialog", { name: "Remove the Mailer" });
  await expect(asked).toContainText("No mail is sent any more.");
  await asked.getByRole("button", { name: "Remove", exact: true }).click();
  await expect(mailer).toContainText("Not set up");
});

test("the right client secret works as well as a certificate does", async ({ as }) => {
  // The reader's app stands in: its secret is in a file of the demo, and a mailer that may not send mail says so.
  const app = await simulatedApp("reader");
  const secret = readFileSync(join(dirname(demo().config_file), "reader.secret"), "utf8").trim();
  const page = await as("admin", address());
  await page.getByRole("button", { name: "Set up the Mailer" }).click();
  const dialog = page.getByRole("dialog", { name: "Set up the Mailer" });
  await dialog.getByRole("radio", { name: "Client secret" }).click();
  await dialog.getByLabel("Application (client) id").fill(app.client_id);
  await dialog.locator("input[type=password]").fill(secret);
  await dialog.getByRole("button", { name: "Save and check" }).click();
  await expect(dialog).toBeHidden();
  const mailer = connection(page, "Mailer");
  await expect(mailer).toContainText("Missing");
  await expect(mailer).toContainText("Mail.Send");
  await expect(mailer).not.toContainText(secret);
});

test("the consent link asks for exactly what the connection needs", async ({ as }) => {
  const page = await as("admin", address());
  await page.getByRole("button", { name: "Consent link of the Writer" }).click();
  const dialog = page.getByRole("dialog", { name: "Consent for the Writer" });
  await expect(dialog.getByRole("table")).toContainText("LicenseAssignment.ReadWrite.All");
  await expect(dialog.getByRole("table")).not.toContainText("Mail.Send");
  await expect(dialog).toContainText("application permissions");
  await expect(dialog.getByRole("link", { name: "Open the link" })).toHaveAttribute("href", /adminconsent/);
  expect(await violations(page), "the consent link").toEqual([]);
  await page.keyboard.press("Escape");
  await expect(page.getByRole("button", { name: "Consent link of the Writer" })).toBeFocused();
});

test("what the configuration file gives is not changed here, and the page says where", async ({ as }) => {
  const page = await as("admin", address());
  await expect(connection(page, "Reader")).toContainText("in the configuration file");
  for (const name of ["Change the Reader", "Remove the Reader"]) {
    const button = page.getByRole("button", { name });
    await expect(button).toBeDisabled();
    await expect(button).toHaveAttribute("title", /configuration file on the server/);
  }
  await page.getByRole("button", { name: "Check the Reader now" }).click();
  await expect(page.getByText("The Reader works").last()).toBeVisible();
  await expect(connection(page, "Reader")).toContainText("Working");
});

for (const [word, says] of [
  ["signed_in", "Signed in."],
  ["consented", "An administrator consented."],
  ["refused", "this was declined"],
  ["failed", "was not what this server had asked for"],
] as const) {
  test(`back from Microsoft the page says how it ended: ${word}`, async ({ as }) => {
    const page = await as("admin", address(`?connection=${word}&purpose=mailer`));
    await expect(page.getByText(says)).toBeVisible();
    expect(await violations(page), word).toEqual([]);
    await page.getByRole("button", { name: "Close", exact: true }).click();
    await expect(page.getByText(says)).toBeHidden();
    await expect(page).not.toHaveURL(/connection=/);
  });
}

async function doctor(page: Page): Promise<void> {
  await expect(page.getByText("Looked at")).toBeVisible({ timeout: 30_000 });
}

test("the doctor says what each task needs, and names a permission that was taken away", async ({ as }) => {
  const app = await simulatedApp("reader");
  const page = await as("admin", address());
  await page.getByRole("link", { name: "Doctor" }).click();
  await expect(page).toHaveURL(/tab=doctor/);
  await doctor(page);
  const access = page.getByRole("table", { name: "Permissions of Application Access" });
  const reports = access.getByRole("row").filter({ hasText: "Reports.Read.All" }).first();
  await expect(reports).toContainText("granted");
  await expect(page.getByText("The tenant shows names in usage reports.")).toBeVisible();
  expect(await violations(page), "the doctor").toEqual([]);

  await simulatedApp("reader", { permissions: app.permissions.filter((one) => one !== "Reports.Read.All") });
  try {
    await page.getByRole("button", { name: "Look again" }).click();
    await expect(reports).toContainText("missing", { timeout: 30_000 });
    await expect(page.getByText("Something needs a person.")).toBeVisible();
    const findings = page.getByRole("table", { name: "Findings" });
    await expect(findings.getByRole("row").nth(1)).toContainText("Problem");
    await expect(findings).toContainText("Reports.Read.All");
    // Reseat's own roles are another thing than Microsoft's.
    await expect(page.getByRole("main")).not.toContainText("License manager");
    expect(await violations(page), "the doctor with a finding").toEqual([]);
  } finally {
    await simulatedApp("reader", { permissions: null });
  }
});

test("concealed names are explained with the steps that show them", async ({ as }) => {
  await concealNames(true);
  try {
    const page = await as("auditor", address("?tab=doctor"));
    await doctor(page);
    await expect(page.getByText("activity cannot be tied to a person")).toBeVisible();
    await expect(page.getByText(/Clear .Display concealed user, group, and site names in all reports/)).toBeVisible();
    expect(await violations(page), "the guided steps").toEqual([]);
  } finally {
    await concealNames(false);
  }
  const page = await as("auditor", address("?tab=doctor"));
  await expect(page.getByText("The tenant shows names in usage reports.")).toBeVisible({ timeout: 30_000 });
});

/** Turns the tenant's own switch; the next reading of activity notices. */
async function concealNames(concealed: boolean): Promise<void> {
  const answer = await fetch(`${demo().sim_url}/_sim/settings`, {
    method: "PATCH",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ conceal_names: concealed }),
  });
  if (!answer.ok) throw new Error(`the simulator refused: ${await answer.text()}`);
  await syncTask("application_access");
}

const written = (page: Page) => page.getByRole("region", { name: "What may be written, and when" });

test("taking people out of groups is switched on knowingly, and off again", async ({ as }) => {
  const page = await as("admin", address());
  const toggle = written(page).getByRole("switch", { name: "Taking people out of groups is switched on" });
  await expect(toggle).not.toBeChecked();
  await toggle.click();
  const on = page.getByRole("dialog", { name: "Take people out of groups" });
  await expect(on).toContainText("A restore puts the person back.");
  expect(await violations(page), "the question").toEqual([]);
  await on.getByRole("button", { name: "Cancel" }).click();
  await expect(toggle).not.toBeChecked();
  await toggle.click();
  await on.getByRole("button", { name: "Switch on" }).click();
  await expect(toggle).toBeChecked();
  await toggle.click();
  await page.getByRole("dialog", { name: "Stop taking people out of groups" }).getByRole("button", { name: "Switch off" }).click();
  await expect(toggle).not.toBeChecked();
});

test("a change window is entered, a zone that does not exist is refused in place, and the page says when writes wait", async ({
  as,
  complaints,
}) => {
  complaints.expect(/status of 422.*write-settings$/);
  const page = await as("admin", address());
  await written(page).getByRole("button", { name: "Change windows" }).click();
  const dialog = page.getByRole("dialog", { name: "Change windows" });
  const save = dialog.getByRole("button", { name: "Save" });
  await dialog.getByRole("button", { name: "Add a window" }).click();
  for (const day of ["Mon", "Tue", "Wed", "Thu", "Fri"]) await dialog.getByRole("checkbox", { name: day }).uncheck();
  await expect(save).toBeDisabled();
  // A day that is neither today nor around it in any zone: the window is shut now, whatever the hour.
  const { now } = await rest<{ now: string }>("admin", "GET", "/overview");
  const far = new Date(Date.parse(now) + 3 * 86_400_000);
  const day = far.toLocaleDateString("en-US", { weekday: "short", timeZone: "UTC" });
  await dialog.getByRole("checkbox", { name: day }).check();
  await dialog.getByRole("textbox", { name: "Time zone" }).fill("Mars/Olympus");
  expect(await violations(page), "the windows").toEqual([]);
  await save.click();
  await expect(dialog).toContainText("Mars/Olympus");
  await dialog.getByRole("textbox", { name: "Time zone" }).fill("Europe/Berlin");
  await save.click();
  await expect(dialog).toBeHidden();
  await expect(written(page)).toContainText(`${day}, 20:00 to 06:00`);
  await expect(written(page)).toContainText("Europe/Berlin");
  await expect(written(page)).toContainText("Nothing is written now");
  await page.getByRole("link", { name: "Overview", exact: true }).click();
  await expect(page.getByText("Nothing that is approved is written now")).toBeVisible();

  await page.goBack();
  await written(page).getByRole("button", { name: "Change windows" }).click();
  await dialog.getByRole("button", { name: "Remove window 1" }).click();
  await dialog.getByRole("textbox", { name: "Time zone" }).fill("UTC");
  await save.click();
  await expect(written(page)).toContainText("at any time");
  await expect(written(page)).not.toContainText("Nothing is written now");
});

test("an auditor sees all of it and changes nothing", async ({ as }) => {
  const page = await as("auditor", address());
  await expect(connection(page, "Reader")).toContainText("Client secret");
  for (const name of [
    "Check the Reader now",
    "Consent link of the Reader",
    "Change the Reader",
    "Remove the Writer",
    "Set up the Mailer",
    "Change windows",
  ]) {
    await expect(page.getByRole("button", { name }), name).toBeDisabled();
  }
  await expect(page.getByRole("switch", { name: /^Taking people/ })).toBeDisabled();
  await expect(page.getByRole("button", { name: "Set up the Mailer" })).toHaveAttribute("title", /Only an administrator/);
});
