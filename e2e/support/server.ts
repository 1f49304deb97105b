// A server that nobody has signed in to yet, beside the demo's: the same tenant, an empty database of its own.
import { spawn } from "node:child_process";
import { copyFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { demo, ended, program, readyLine } from "./demo.ts";

export interface FreshServer {
  url: string;
  /** The one-time code that the server printed for its first administrator. */
  code: string;
  stop: () => Promise<void>;
}

const FILES = ["master.key", "reader.secret", "writer.secret", "roster.csv"];

export async function freshServer(): Promise<FreshServer> {
  const folder = mkdtempSync(join(tmpdir(), "reseat-e2e-fresh-"));
  const from = dirname(demo().config_file);
  for (const file of FILES) copyFileSync(join(from, file), join(folder, file));
  const config = readFileSync(demo().config_file, "utf8")
    .replace(/^listen = .*$/m, 'listen = "127.0.0.1:0"')
    .replace(/^store = .*$/m, `store = "sqlite:${join(folder, "reseat.sqlite")}"`);
  writeFileSync(join(folder, "config.toml"), config);
  const child = spawn(program(), ["serve", "--config", join(folder, "config.toml"), "--json"], {
    stdio: ["ignore", "pipe", "pipe"],
  });
  let said = "";
  child.stderr.on("data", (chunk: Buffer) => {
    said += chunk.toString();
  });
  const stop = async () => {
    await ended(child);
    rmSync(folder, { recursive: true, force: true });
  };
  try {
    const { console_url: url } = JSON.parse(await readyLine(child)) as { console_url: string };
    const code = /valid for \d+ minutes:\s+(\S+)/.exec(said)?.[1];
    if (code === undefined) throw new Error("no one-time code was printed");
    return { url, code, stop };
  } catch (error) {
    await stop();
    throw new Error(`${(error as Error).message}\n${said}`);
  }
}
