// The transport floor (the same pages fetched and thrown away) beside `reseat scan` (read, parsed, judged), one after
// the other, three times; medians. USERS sets the size. The counts must agree with the simulator, or no figure counts.
import { spawn } from "node:child_process";
import { readFileSync } from "node:fs";

const users = Number(process.env.USERS ?? 10_000);
const ROUNDS = 3;
const PEOPLE = "id,displayName,userPrincipalName,mail,department,accountEnabled,userType,createdDateTime,usageLocation,assignedLicenses,licenseAssignmentStates";

const sim = spawn(process.env.GRAPH_SIM, ["--users", String(users), "--json"], { stdio: ["ignore", "pipe", "ignore"] });
process.once("exit", () => sim.kill());
const ready = await firstLine(sim);

function firstLine(child) {
  return new Promise((done, fail) => {
    let text = "";
    child.once("exit", (code) => fail(new Error(`the simulator ended with ${code}`)));
    child.stdout.on("data", (chunk) => {
      text += chunk;
      const end = text.indexOf("\n");
      if (end >= 0) done(JSON.parse(text.slice(0, end)));
    });
  });
}

async function token() {
  const form = new URLSearchParams({
    client_id: ready.client_id,
    client_secret: ready.client_secret,
    scope: `${ready.graph_url}/.default`,
    grant_type: "client_credentials",
  });
  const answer = await fetch(`${ready.authority_url}/${ready.tenant_id}/oauth2/v2.0/token`, { method: "POST", body: form });
  return (await answer.json()).access_token;
}

/** Fetches a listing to its end without parsing it; gives the bytes. */
async function drain(url, bearer) {
  let bytes = 0;
  for (let next = url; next; ) {
    const answer = await fetch(next, { headers: { authorization: `Bearer ${bearer}` } });
    const body = Buffer.from(await answer.arrayBuffer());
    if (!answer.ok) throw new Error(`${answer.status} from ${next}`);
    bytes += body.length;
    next = /"@odata\.nextLink":"([^"]+)"/.exec(body.subarray(0, 4096).toString() + body.subarray(-4096).toString())?.[1];
  }
  return bytes;
}

async function floor() {
  const bearer = await token();
  const began = performance.now();
  const people = await drain(`${ready.graph_url}/v1.0/users?$select=${PEOPLE}&$expand=manager($select=id)&$top=999`, bearer);
  const signIns = await drain(`${ready.graph_url}/v1.0/users?$select=id,signInActivity&$top=500`, bearer);
  return { seconds: (performance.now() - began) / 1000, bytes: people + signIns };
}

/** Runs the scan; gives its time, its peak memory in MiB and what it counted. */
function scan() {
  const args = ["scan", "--tenant-id", ready.tenant_id, "--client-id", ready.client_id, "--graph-url", ready.graph_url,
    "--authority-url", ready.authority_url, "--format", "json"];
  const began = performance.now();
  const child = spawn(process.env.RESEAT, args, {
    env: { ...process.env, RESEAT_CLIENT_SECRET: ready.client_secret },
    stdio: ["ignore", "pipe", "ignore"],
  });
  let peak = 0;
  const watch = setInterval(() => {
    try {
      peak = Math.max(peak, Number(/VmHWM:\s+(\d+)/.exec(readFileSync(`/proc/${child.pid}/status`, "utf8"))?.[1] ?? 0));
    } catch {
      // It has just ended.
    }
  }, 10);
  return new Promise((done, fail) => {
    const parts = [];
    child.stdout.on("data", (chunk) => parts.push(chunk));
    child.once("exit", (code) => {
      clearInterval(watch);
      if (code !== 0) return fail(new Error(`reseat scan ended with ${code}`));
      const seconds = (performance.now() - began) / 1000;
      const found = JSON.parse(Buffer.concat(parts).toString());
      if (found.users !== ready.users || found.seats !== ready.seats) {
        return fail(new Error(`counted ${found.users} users and ${found.seats} seats, and there are ${ready.users} and ${ready.seats}`));
      }
      done({ seconds, peak: peak / 1024 });
    });
  });
}

const median = (values) => values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)];
const floors = [];
const scans = [];
for (let round = 0; round < ROUNDS; round += 1) {
  floors.push(await floor());
  scans.push(await scan());
}
const a = median(floors.map((one) => one.seconds));
const b = median(scans.map((one) => one.seconds));
console.log(`${users} people, ${(floors[0].bytes / 1e6).toFixed(1)} MB, median of ${ROUNDS}`);
console.log(`transport floor   ${a.toFixed(2)} s  ${Math.round(users / a)} people/s`);
console.log(`reseat scan       ${b.toFixed(2)} s  ${Math.round(users / b)} people/s  peak ${median(scans.map((one) => one.peak)).toFixed(0)} MiB`);
console.log(`scan / floor      ${(a / b).toFixed(2)}`);
sim.kill();
process.exit(0);
