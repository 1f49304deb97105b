// The demo under test, as its ready line describes it. `start.ts` starts it once for all specs.
import { spawn, type ChildProcess } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";

export interface Account {
  name: string;
  role: string;
  user_id: string;
  password: string;
  api_token: string;
}

export interface Demo {
  console_url: string;
  api_url: string;
  api_token: string;
  scim_url: string;
  scim_token: string;
  graph_url: string;
  sim_url: string;
  mail_url: string;
  tenant_id: string;
  store_url: string;
  config_file: string;
  pids: { demo: number; server: number; simulator: number };
  accounts: Account[];
}

const ENVIRONMENT = "RESEAT_E2E_DEMO";
const READY_WITHIN_MS = 60_000;
const STOP_WITHIN_MS = 10_000;

/** The running demo. */
export function demo(): Demo {
  const line = process.env[ENVIRONMENT];
  if (!line) throw new Error("the demo was not started: is globalSetup set?");
  return JSON.parse(line) as Demo;
}

/** The seeded person with this role. */
export function account(role: string): Account {
  const found = demo().accounts.find((one) => one.role === role);
  if (!found) throw new Error(`no account with the role ${role}; there are ${demo().accounts.map((one) => one.role).join(", ")}`);
  return found;
}

/** The program under test. */
export function program(): string {
  const root = resolve(dirname(fileURLToPath(import.meta.url)), "../..");
  return process.env.RESEAT_BIN ?? join(process.env.CARGO_TARGET_DIR ?? join(root, "target"), "debug/reseat");
}

/** Starts a demo of 300 people; gives the function that stops it and removes its folder. */
export async function start(): Promise<() => Promise<void>> {
  const binary = program();
  const folder = mkdtempSync(join(tmpdir(), "reseat-e2e-"));
  // A free port: a demo that somebody looks at may run beside this one.
  const args = ["demo", "--json", "--fresh", "--users", "300", "--listen", "127.0.0.1:0", "--data", join(folder, "data")];
  const child = spawn(binary, args, { stdio: ["ignore", "pipe", "pipe"] });
  const log: string[] = [];
  child.stderr.on("data", (chunk: Buffer) => {
    log.push(chunk.toString());
    if (log.length > 200) log.shift();
  });
  // A test runner that dies takes the demo with it.
  const kill = () => child.kill("SIGKILL");
  process.once("exit", kill);
  const stop = async () => {
    await ended(child);
    process.off("exit", kill);
    rmSync(folder, { recursive: true, force: true });
  };
  try {
    const line = await readyLine(child);
    JSON.parse(line);
    process.env[ENVIRONMENT] = line;
  } catch (error) {
    await stop();
    throw new Error(`${binary} ${args.join(" ")}: ${(error as Error).message}\n${log.join("")}`);
  }
  return stop;
}

/** The first line that a program started with `--json` prints. */
export function readyLine(child: ChildProcess): Promise<string> {
  return new Promise((done, fail) => {
    let text = "";
    const timer = setTimeout(() => fail(new Error(`not ready after ${READY_WITHIN_MS / 1000} s`)), READY_WITHIN_MS);
    const settle = (act: () => void) => {
      clearTimeout(timer);
      act();
    };
    child.once("error", (error) => settle(() => fail(error)));
    child.once("exit", (code) => settle(() => fail(new Error(`ended with ${code} before it was ready`))));
    child.stdout?.on("data", (chunk: Buffer) => {
      text += chunk.toString();
      const end = text.indexOf("\n");
      if (end >= 0) settle(() => done(text.slice(0, end)));
    });
  });
}

/** Tells a program to end and waits until it did. */
export async function ended(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null || child.pid === undefined) return;
  await new Promise<void>((done) => {
    const timer = setTimeout(() => child.kill("SIGKILL"), STOP_WITHIN_MS);
    child.once("exit", () => {
      clearTimeout(timer);
      done();
    });
    child.kill("SIGTERM");
  });
}
