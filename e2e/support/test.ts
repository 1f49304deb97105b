// The `test` of every spec: pages of signed-in people, and nothing in the browser's console that a spec did not expect.
import { type Browser, type Page, expect, test as base } from "@playwright/test";
import { account, demo } from "./demo.ts";

export { expect };

/** What the browser complained about; the test fails with it unless the spec said that it would come. */
export class Complaints {
  private readonly heard: string[] = [];
  // Before anybody signs in the console asks who it is, and is told "nobody".
  private readonly expected: RegExp[] = [/status of 401.*\/api\/v1\/session$/];

  /** Says that the browser will complain about this: a spec refuses something on purpose. */
  expect(...patterns: RegExp[]): void {
    this.expected.push(...patterns);
  }

  listen(page: Page): void {
    page.on("console", (message) => {
      if (message.type() === "error") this.heard.push(`${message.text()} ${message.location().url}`);
    });
    page.on("pageerror", (error) => this.heard.push(String(error)));
  }

  /** Whether the browser complained about this. */
  has(pattern: RegExp): boolean {
    return this.heard.some((one) => pattern.test(one));
  }

  unexpected(): string[] {
    return this.heard.filter((one) => !this.expected.some((pattern) => pattern.test(one)));
  }
}

/** Says a violation of the content security policy aloud, also one that the browser would only report. */
function sayViolations(): void {
  document.addEventListener("securitypolicyviolation", (event) => {
    console.error(`policy violation: ${event.violatedDirective} by ${event.blockedURI} in ${event.sourceFile}`);
  });
}

/** Cookies of sessions by role, used again by later tests. */
const sessions = new Map<string, string>();

const COOKIE = "reseat_session";

async function sessionCookie(role: string): Promise<string> {
  const url = `${demo().api_url}/session`;
  const known = sessions.get(role);
  if (known !== undefined && (await fetch(url, { headers: { cookie: `${COOKIE}=${known}` } })).ok) return known;
  const { name, password } = account(role);
  const answer = await fetch(url, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ name, password }),
  });
  const value = new RegExp(`${COOKIE}=([^;]+)`).exec(answer.headers.get("set-cookie") ?? "")?.[1];
  if (value === undefined) throw new Error(`no session for ${name}: ${answer.status} ${await answer.text()}`);
  sessions.set(role, value);
  return value;
}

interface Fixtures {
  complaints: Complaints;
  /** A page of its own for the person with this role, at this address of the console. */
  as: (role: string, address?: string) => Promise<Page>;
}

export const test = base.extend<Fixtures>({
  complaints: [
    async ({}, use) => {
      const complaints = new Complaints();
      await use(complaints);
      expect(complaints.unexpected(), "the browser's console").toEqual([]);
    },
    { auto: true },
  ],
  page: async ({ page, complaints }, use) => {
    complaints.listen(page);
    await page.addInitScript(sayViolations);
    await use(page);
  },
  as: async ({ browser, complaints }, use) => {
    const contexts: Awaited<ReturnType<Browser["newContext"]>>[] = [];
    await use(async (role, address = "/") => {
      const context = await browser.newContext();
      contexts.push(context);
      await context.addCookies([{ name: COOKIE, value: await sessionCookie(role), url: demo().console_url }]);
      await context.addInitScript(sayViolations);
      const page = await context.newPage();
      complaints.listen(page);
      await page.goto(demo().console_url + address);
      return page;
    });
    for (const context of contexts) await context.close();
  },
});
