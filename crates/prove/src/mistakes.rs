//! The 16 mistakes people make (E11, faults.md C.3): nothing is taken back by any of them, nothing more
//! is found idle, and the reason is shown. Those that need a surface the product does not have yet are
//! named and not counted.

use std::collections::BTreeSet;
use std::time::{Duration, SystemTime};

use anyhow::{Context as _, Result};
use reseat_domain::detect::FindingKind;
use reseat_domain::ids::SeatKey;
use reseat_engine::Task;
use reseat_testkit::World;
use serde_json::json;

use crate::drive::{EPOCH, idle};
use crate::history::{self, Limits};
use crate::tally::{Given, Tally};

/// A mistake with what the HR department would hand out then.
type Roster = fn(&str) -> Vec<u8>;

/// What cannot be tried yet, and why.
const NOT_YET: [(&str, &str); 2] = [
    ("policy matches everyone", "rules cannot be written yet; the one preset always asks for old use"),
    ("SKU totals disagree", "consumed units are shown and not yet compared with what was counted"),
];

/// Makes every mistake in a world of its own.
///
/// # Errors
/// When a world does not start.
pub async fn prove(given: Given) -> Result<Tally> {
    history::clear("mistakes", given)?;
    let users = given.size(150, 10_000) as u64;
    let mut tally = Tally::default();
    let rosters: [(&str, Roster); 9] = [
        ("roster empty", |_| Vec::new()),
        ("roster header only", |good| format!("{}\n", header(good)).into_bytes()),
        ("roster half", |good| lines(good, good.lines().count() / 2).into_bytes()),
        ("roster in a wrong encoding", in_windows_1252),
        ("roster with duplicate people", duplicated),
        ("roster with everyone terminated", |good| good.replace(",active,", ",inactive,").into_bytes()),
        ("roster of another company", |good| good.replace("@contoso.example", "@fabrikam.example").into_bytes()),
        ("roster of last year", |good| lines(good, good.lines().count() * 7 / 10).into_bytes()),
        ("roster with shifted columns", shifted),
    ];
    let world = build(users, given).await;
    for (name, roster) in rosters {
        roster_mistake(&world, name, roster, &mut tally).await?;
    }
    end(world, given, "rosters", &mut tally).await?;
    names_hidden_from_the_start(users, given, &mut tally).await?;
    let world = build(users, given).await;
    names_hidden_midway(&world, &mut tally).await;
    end(world, given, "names-hidden-midway", &mut tally).await?;
    let world = build(users, given).await;
    report_truncated(&world, &mut tally).await;
    report_stale(&world, &mut tally).await;
    end(world, given, "reports", &mut tally).await?;
    let world = build(users, given).await;
    users_collapse(&world, &mut tally).await?;
    end(world, given, "users-collapse", &mut tally).await?;
    for (name, why) in NOT_YET {
        eprintln!("mistakes: {name}: not applicable ({why})");
    }
    let tried = tally.cases;
    tally.expect(tried + NOT_YET.len() == 16, || format!("{tried} drills of 16 were tried"));
    Ok(tally)
}

async fn build(users: u64, given: Given) -> World {
    World::builder().users(users).seed(given.seed).epoch(EPOCH).build().await
}

/// Whatever was approved before the mistake waits or goes on; nothing else is ever written.
async fn end(world: World, given: Given, name: &str, tally: &mut Tally) -> Result<()> {
    let facts = (&world.sim, world.engine().store(), world.tenant_id());
    history::keep("mistakes", given, name, facts, Limits::default()).await?;
    let judgement = world.finish().await;
    tally.expect(judgement.removals == 0, || format!("{name}: {} removals by a mistake", judgement.removals));
    Ok(())
}

fn header(good: &str) -> &str {
    good.lines().next().unwrap_or_default()
}

fn lines(good: &str, count: usize) -> String {
    good.lines().take(count).map(|line| format!("{line}\n")).collect()
}

/// First names with an umlaut, one byte each as Windows-1252 writes it.
fn in_windows_1252(good: &str) -> Vec<u8> {
    let mut bytes = format!("{}\n", header(good)).into_bytes();
    for line in good.lines().skip(1) {
        let mut cells = line.splitn(3, ',');
        for cell in cells.by_ref().take(2) {
            bytes.extend_from_slice(cell.as_bytes());
            bytes.push(b',');
        }
        bytes.push(0xfc);
        bytes.extend_from_slice(cells.next().unwrap_or_default().as_bytes());
        bytes.push(b'\n');
    }
    bytes
}

/// A name with a comma in it in every row: what comes after it moves on by one column.
fn shifted(good: &str) -> Vec<u8> {
    let rows = good.lines().skip(1).map(|line| format!("{}\n", line.replacen(',', ",Dr.,", 1)));
    format!("{}\n{}", header(good), rows.collect::<String>()).into_bytes()
}

/// Every row twice, the second time as somebody who left.
fn duplicated(good: &str) -> Vec<u8> {
    let mut rows: Vec<String> = good.lines().map(|line| format!("{line}\n")).collect();
    let twice: Vec<String> = rows.iter().skip(1).map(|row| row.replace(",active,", ",inactive,")).collect();
    rows.extend(twice);
    rows.concat().into_bytes()
}

/// The mistake has to be noticed, with a reason, and may take findings away but add none.
fn judge(tally: &mut Tally, name: &str, before: &BTreeSet<SeatKey>, after: &BTreeSet<SeatKey>, told: Option<String>) {
    tally.cases += 1;
    let extra = after.difference(before).count();
    tally.expect(extra == 0, || format!("{name}: I11: {extra} seats are idle only by this mistake"));
    match told {
        Some(reason) if reason.len() > 15 => {
            tally.bitten += 1;
            eprintln!("mistakes: {name}: {} idle before, {} now; {reason}", before.len(), after.len());
        }
        other => tally.fail(format!("{name}: no reason is shown: {other:?}")),
    }
}

async fn roster_mistake(world: &World, name: &str, roster: Roster, tally: &mut Tally) -> Result<()> {
    let good = String::from_utf8(world.roster.bytes()).context("a roster is text")?;
    let before = idle(world).await;
    if name == "roster of last year" {
        // An old file as it lies in a folder.
        let last_year = SystemTime::UNIX_EPOCH + Duration::from_secs(1_741_000_000);
        world.roster.put_file(roster(&good), last_year);
    } else {
        world.roster.put(roster(&good));
    }
    let (status, error, remedy) = world.sync_task(Task::HrRoster).await;
    let told = match error {
        Some(error) => Some(format!("{error} ({})", remedy.unwrap_or_default())),
        // Read in part: what could not be believed row by row is missing, and named at the seat.
        None if status == "succeeded" => missing_words(world).await,
        None => None,
    };
    judge(tally, name, &before, &idle(world).await, told);
    world.roster.put(good);
    world.sync().await;
    let again = idle(world).await;
    tally.expect(again == before, || {
        format!("{name}: put right, and {} are idle instead of {}", again.len(), before.len())
    });
    Ok(())
}

/// What the seats that are kept for lack of evidence say is missing.
async fn missing_words(world: &World) -> Option<String> {
    let seats = world.seats(FindingKind::InsufficientEvidence).await;
    let missing = seats.iter().filter_map(|item| item.finding.as_ref()).flat_map(|found| &found.verdict.missing);
    let mut counted: std::collections::BTreeMap<&str, usize> = std::collections::BTreeMap::new();
    for one in missing {
        *counted.entry(one.why.as_str()).or_default() += 1;
    }
    counted.into_iter().max_by_key(|(_, times)| *times).map(|(why, times)| format!("missing at {times} seats: {why}"))
}

async fn names_hidden_from_the_start(users: u64, given: Given, tally: &mut Tally) -> Result<()> {
    let whole = build(users, given).await;
    let before = idle(&whole).await;
    whole.finish().await;
    let world = World::builder().users(users).seed(given.seed).epoch(EPOCH).unsynced().build().await;
    world.sim.settings(json!({ "conceal_names": true })).await;
    world.sync().await;
    let told = concealed_words(&world).await;
    judge(tally, "names hidden from the start", &before, &idle(&world).await, told);
    end(world, given, "names-hidden", tally).await
}

async fn names_hidden_midway(world: &World, tally: &mut Tally) {
    let before = idle(world).await;
    world.sim.settings(json!({ "conceal_names": true })).await;
    world.sync().await;
    judge(tally, "names hidden midway", &before, &idle(world).await, concealed_words(world).await);
}

async fn concealed_words(world: &World) -> Option<String> {
    let seats = world.seats(FindingKind::InsufficientEvidence).await;
    let mut missing = seats.iter().filter_map(|item| item.finding.as_ref()).flat_map(|found| &found.verdict.missing);
    missing.find(|missing| missing.why.contains("conceal")).map(|missing| missing.why.clone())
}

async fn report_truncated(world: &World, tally: &mut Tally) {
    let before = idle(world).await;
    world.sim.plant("truncated-answer", json!({ "path_contains": "download", "times": 1_000, "seed": 3 })).await;
    let (_, error, _) = world.sync_task(Task::ApplicationAccess).await;
    let bitten = world.sim.bitten("truncated-answer").await;
    world.sim.clear_faults().await;
    tally.expect(bitten > 0, || "report truncated: the truncation never bit".to_owned());
    judge(tally, "report truncated", &before, &idle(world).await, error);
}

async fn report_stale(world: &World, tally: &mut Tally) {
    let before = idle(world).await;
    world.sim.settings(json!({ "report_lag_days": 20 })).await;
    // A later report that knows less of the time than the one before, as after an outage at the source.
    world.advance(12 * 86_400).await;
    world.roster.put(world.sim.roster().await);
    world.sync().await;
    let stale = world.seats(FindingKind::InsufficientEvidence).await;
    let mut missing = stale.iter().filter_map(|item| item.finding.as_ref()).flat_map(|found| &found.verdict.missing);
    let told = missing.find(|missing| missing.why.contains("old") || missing.why.contains("stale"));
    let told = told.map(|missing| missing.why.clone());
    let after = idle(world).await;
    // Twelve days make people who left idle by the roster alone; what rests on use has to be gone.
    let extra: BTreeSet<SeatKey> = after.intersection(&before).copied().collect();
    judge(tally, "report stale", &before, &extra, told);
}

async fn users_collapse(world: &World, tally: &mut Tally) -> Result<()> {
    let before = idle(world).await;
    let people: BTreeSet<_> = world.all_seats().await.iter().map(|item| item.key().user_id).collect();
    // A fifth of everybody is gone at once, as when the reader may see one unit only.
    for user_id in people.iter().take(people.len() / 5) {
        world.sim.delete_user(*user_id).await;
    }
    world.advance(5).await;
    let (status, error, _) = world.sync_task(Task::ApplicationRoster).await;
    tally.expect(status == "held", || format!("user count collapsed: the round was {status}"));
    judge(tally, "user count collapsed", &before, &idle(world).await, error);
    Ok(())
}
