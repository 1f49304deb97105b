// What a spec arranges or judges beside the browser: REST as one of the seeded people, and the simulator's own journal.
import type { components } from "../../console/src/api/generated/v1.d.ts";
import { account, demo } from "./demo.ts";

type Schemas = components["schemas"];
export type CandidateDetail = Schemas["CandidateDetail"];
export type Overview = Schemas["Overview"];
export type Seat = Schemas["Seat"];
export type Session = Schemas["Session"];
export type Sku = Schemas["Sku"];
export type TrailReport = Schemas["TrailReport"];

/** A call to `/api/v1` with the token of whoever has this role; rejects with what the server said. */
export async function rest<Answer>(role: string, method: string, path: string, body?: unknown): Promise<Answer> {
  const answer = await fetch(`${demo().api_url}${path}`, {
    method,
    headers: {
      authorization: `Bearer ${account(role).api_token}`,
      ...(body === undefined ? {} : { "content-type": "application/json" }),
    },
    body: body === undefined ? undefined : JSON.stringify(body),
  });
  const text = await answer.text();
  if (!answer.ok) throw new Error(`${method} ${path} as ${role}: ${answer.status} ${text}`);
  return (text === "" ? undefined : JSON.parse(text)) as Answer;
}

export const read = <Answer>(path: string) => rest<Answer>("license_manager", "GET", path);

/** Something that happened in the simulated tenant, by us or by another actor. */
export interface Effect {
  seq: number;
  app_id: string | null;
  user_id: string;
  kind: string;
  sku_id: string | null;
  request_id: string | null;
}

/** What really happened in the tenant; the judge of what we say happened. */
export async function journal(): Promise<Effect[]> {
  const answer = await fetch(`${demo().sim_url}/_sim/journal`);
  const lines = (await answer.text()).split("\n").filter((line) => line !== "");
  return lines.map((line) => JSON.parse(line) as Effect);
}

/** The simulator's truth about one license of one person: the plans switched off, or nothing if it is not held. */
export async function heldPlans(userId: string, skuId: string): Promise<string[] | null> {
  const answer = await fetch(`${demo().sim_url}/_sim/users/${userId}`);
  const person = (await answer.json()) as { licenses: { sku_id: string; group_id: string | null; disabled_plans: string[] }[] };
  const license = person.licenses.find((one) => one.sku_id === skuId && one.group_id === null);
  return license === undefined ? null : license.disabled_plans.toSorted();
}

/** Today's file of the simulated HR system. */
export async function hrRoster(): Promise<string> {
  return (await fetch(`${demo().sim_url}/_sim/roster`)).text();
}

export async function candidate(id: string): Promise<CandidateDetail> {
  return read<CandidateDetail>(`/candidates/${id}`);
}

/** Idle seats that nobody has decided about yet, held directly or through a group alone. */
export async function idleSeats(via: "direct" | "group"): Promise<Seat[]> {
  const { items } = await read<{ items: Seat[] }>("/seats?kind=idle&limit=200");
  const closed = await read<{ items: Schemas["Candidate"][] }>("/candidates?state=closed_skipped&state=closed_restored&limit=200");
  const decided = new Set(closed.items.map((one) => one.seat_id));
  const open = items.filter((seat) => (seat.candidate?.state ?? "ready") === "ready" && !decided.has(seat.seat_id));
  return open.filter((seat) => seat.paths.every((path) => path.via === via));
}

/**
 * Idle and priced seats that Microsoft will let go: it refuses to take a license whose plans another license of the
 * person needs, and in the demo it is what people were given by hand that needs another license.
 */
export async function removableSeats(): Promise<Seat[]> {
  const found: Seat[] = [];
  for (const seat of (await idleSeats("direct")).filter((one) => one.annual_cost !== null)) {
    const { seats } = await read<Schemas["PersonDetail"]>(`/people/${seat.person.user_id}`);
    const others = seats.filter((one) => one.seat_id !== seat.seat_id);
    if (others.every((one) => one.paths.every((path) => path.via === "group"))) found.push(seat);
  }
  return found;
}

/** Opens a candidate for a seat; gives its id. */
export async function open(seat: Seat): Promise<string> {
  const body = { seat_ids: [seat.seat_id] };
  const { items } = await rest<Schemas["OpenedCandidates"]>("license_manager", "POST", "/candidates", body);
  const found = items[0]?.candidate;
  if (!found) throw new Error(`no candidate for ${seat.seat_id}: ${JSON.stringify(items)}`);
  return found.candidate_id;
}

export function act(role: string, id: string, action: string, body: object = {}): Promise<CandidateDetail> {
  return rest<CandidateDetail>(role, "POST", `/candidates/${id}/actions/${action}`, body);
}

/** Moves the simulated time on. */
export async function advance(seconds: number): Promise<void> {
  await rest("license_manager", "POST", "/demo/clock", { advance_s: seconds });
}

/** How the server names a state. */
export async function stateLabel(state: string): Promise<string> {
  const machine = await read<Schemas["StateMachine"]>("/state-machine");
  const found = machine.nodes.find((node) => node.state === state);
  if (!found) throw new Error(`no state ${state}`);
  return found.label;
}

/** Makes the next answers of the simulated Graph slow; `clearFaults` ends it. */
export async function slowGraph(pathContains: string, delayMs: number, times: number): Promise<void> {
  const fault = { fault: "slow", path_contains: pathContains, times, delay_ms: delayMs };
  const answer = await fetch(`${demo().sim_url}/_sim/faults`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify(fault),
  });
  if (!answer.ok) throw new Error(`the simulator refused the fault: ${await answer.text()}`);
}

export async function clearFaults(): Promise<void> {
  await fetch(`${demo().sim_url}/_sim/faults`, { method: "DELETE" });
}

/** An app registration of the simulated tenant. */
export interface SimulatedApp {
  client_id: string;
  permissions: string[];
}

/** Reads one, or plays the administrator of app registrations and changes it; null undoes a change of what is granted. */
export async function simulatedApp(purpose: string, change?: { permissions: string[] | null }): Promise<SimulatedApp> {
  const apps = `${demo().sim_url}/_sim/apps`;
  if (change !== undefined) {
    const headers = { "content-type": "application/json" };
    const answer = await fetch(`${apps}/${purpose}`, { method: "PATCH", headers, body: JSON.stringify(change) });
    if (!answer.ok) throw new Error(`the simulator refused: ${await answer.text()}`);
  }
  const { apps: all } = (await (await fetch(apps)).json()) as { apps: (SimulatedApp & { purpose: string })[] };
  const found = all.find((one) => one.purpose === purpose);
  if (!found) throw new Error(`no app for the ${purpose}`);
  return found;
}

/** Runs a task to its end, however it ends. */
export async function syncTask(task: Schemas["TaskName"]): Promise<void> {
  const { items } = await rest<Schemas["QueuedSyncs"]>("license_manager", "POST", "/syncs", { task });
  const ids = new Set(items.map((one) => one.sync_id));
  for (let tries = 0; tries < 150; tries += 1) {
    const { items: runs } = await read<{ items: Schemas["Sync"][] }>("/syncs?limit=50");
    const ours = runs.filter((run) => ids.has(run.sync_id));
    if (ours.length === ids.size && ours.every((run) => run.finished_at !== null)) return;
    await new Promise((done) => setTimeout(done, 200));
  }
  throw new Error(`${task} did not end`);
}
