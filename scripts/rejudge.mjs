// Judges raw histories once more, sharing no code with the product or with its proofs.
//   node scripts/rejudge.mjs [FOLDER]     every history under target/proofs, or under FOLDER
// A history is two files: NAME.journal.jsonl, what really happened in the tenant as the simulator wrote
// it, and NAME.approvals.json, what was approved and what was recorded before anything was sent.
// I1: every effect of ours has an approval and an intent, recorded before it. I2: no approval has two
// effects. I4: no other tenant's apps, no license through a group that nobody approved, no other kind of
// effect. I5: no rolling day holds more removals than it may. Exit code 1 when something does not hold.
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const target = process.env.CARGO_TARGET_DIR ?? join(root, "target");

/** Effects may come this much later than the moment their intent was counted: a request's deadline and a step of the clock. */
const SLACK_MS = 1_530_000;
const DAY_MS = 86_400_000;

export function judge(journalText, approvals) {
  const wrong = [];
  const journal = journalText.split("\n").filter(Boolean).map((line) => JSON.parse(line));
  const ours = new Set(approvals.our_apps);
  const effects = journal.filter((effect) => effect.app_id !== null && ours.has(effect.app_id));
  const spent = new Map();
  const removals = [];
  const KINDS = { license_removed: "remove", license_added: "restore" };
  for (const effect of effects) {
    const kind = KINDS[effect.kind];
    if (!kind || effect.group_id) {
      wrong.push(`I4: ${JSON.stringify(effect)} is no effect that was approved`);
      continue;
    }
    const at = Date.parse(effect.at) * 1000;
    if (kind === "remove") removals.push(at / 1000);
    // The yes this effect can rest on: same person, same license, same direction, with an intent recorded before.
    const yes = approvals.candidates
      .filter((one) => one.user_id === effect.user_id && one.sku_id === effect.sku_id)
      .flatMap((one) => one.approvals.map((approval) => ({ one, approval })))
      .filter(({ one, approval }) => approval.kind === kind
        && one.writes.some((write) => write.approval_id === approval.id && write.created_at <= at + 1_000_000));
    if (yes.length === 0) {
      wrong.push(`I1: ${JSON.stringify(effect)} has no approval with an intent before it`);
      continue;
    }
    const free = yes.find(({ approval }) => !spent.has(approval.id));
    if (!free) {
      wrong.push(`I2: ${JSON.stringify(effect)} is one more than was approved`);
      continue;
    }
    spent.set(free.approval.id, effect);
    if (free.one.bulk && free.one.proposed_by === free.approval.account) {
      wrong.push(`I1: candidate ${free.one.number} was proposed in bulk and approved by the same person`);
    }
  }
  const perDay = approvals.limits.per_day;
  if (perDay > 0) {
    removals.sort((left, right) => left - right);
    for (let first = 0, last = 0; last < removals.length; last++) {
      while (removals[last] - removals[first] >= DAY_MS - SLACK_MS) first++;
      if (last - first + 1 > perDay) {
        wrong.push(`I5: ${last - first + 1} removals within a day of at most ${perDay}`);
        break;
      }
    }
  }
  return { wrong, effects: effects.length, approvals: approvals.candidates.flatMap((one) => one.approvals).length };
}

function histories(folder) {
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) return histories(path);
    return entry.name.endsWith(".journal.jsonl") ? [path.slice(0, -".journal.jsonl".length)] : [];
  });
}

function main(folder) {
  if (!existsSync(folder)) {
    console.error(`there are no histories in ${folder}`);
    return 1;
  }
  let wrong = 0;
  let effects = 0;
  const names = histories(folder);
  for (const name of names) {
    const approvals = JSON.parse(readFileSync(`${name}.approvals.json`, "utf8"));
    const found = judge(readFileSync(`${name}.journal.jsonl`, "utf8"), approvals);
    effects += found.effects;
    wrong += found.wrong.length;
    for (const words of found.wrong) console.log(`${name}: ${words}`);
  }
  console.log(`REJUDGED histories=${names.length} effects=${effects} wrong=${wrong}`);
  return wrong > 0 || names.length === 0 ? 1 : 0;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  process.exitCode = main(process.argv[2] ?? join(target, "proofs"));
}
