//! Each of the 24 kinds of trouble with Graph, during a sync and during removals (E2, issue 3 and 7):
//! whatever the faults, no finding that a clean sync would not make (I11), no removal that was not
//! approved and none twice (I1, I2), and every approved seat at a right end or on a person's list (I3).

mod kinds;
mod removals;
mod syncs;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use anyhow::{Context as _, Result, ensure};
use reseat_domain::ids::SeatKey;
use reseat_testkit::World;
use tokio::sync::Semaphore;

use crate::drive::{EPOCH, idle};
use crate::history::{self, Limits};
use crate::tally::{Dice, Given, Tally};
use kinds::{End, InRemoval, InSync, KINDS, Kind};

/// How many kinds run beside each other.
const BESIDE: usize = 2;

/// User objects that hold at least 10,000 seats.
const MANY_USERS: usize = 6_000;

/// Removals of each kind in the full size: more than 1,000 in all.
const MANY_REMOVALS: usize = 60;

/// What one kind came to.
struct Told {
    kind: Kind,
    seats: u64,
    bitten_in_sync: u64,
    bitten_in_removals: u64,
    passes: usize,
    ends: BTreeMap<End, usize>,
    stops: usize,
    tally: Tally,
}

/// Tries every kind.
///
/// # Errors
/// When the simulator knows other kinds than this proof, or does not start.
pub async fn prove(given: Given) -> Result<Tally> {
    history::clear("graph-faults", given)?;
    let users = given.size(150, MANY_USERS);
    let clean = World::builder().users(users as u64).seed(given.seed).epoch(EPOCH).build().await;
    let known = clean.sim.fault_kinds().await;
    ensure!(known == KINDS.map(|kind| kind.name.to_owned()), "the simulator knows {known:?}");
    let found = idle(&clean).await;
    clean.finish().await;
    eprintln!("graph-faults: kind | seats synced | bitten in sync | passes | bitten in removals | ended | stops");
    let mut tally = Tally::default();
    // For looking at one kind alone; the others then count as not reached.
    let only = std::env::var("RESEAT_PROVE_ONLY").ok();
    let kinds: Vec<Kind> =
        KINDS.into_iter().filter(|kind| only.as_deref().is_none_or(|name| name == kind.name)).collect();
    let places = Arc::new(Semaphore::new(BESIDE));
    let running: Vec<_> = kinds
        .iter()
        .map(|kind| {
            let (kind, places, found) = (*kind, Arc::clone(&places), found.clone());
            tokio::spawn(async move {
                let _place = places.acquire().await?;
                try_kind(given, kind, users, found).await
            })
        })
        .collect();
    for (kind, result) in kinds.iter().zip(running) {
        match result.await.context("a step of it panicked").and_then(|told| told) {
            Ok(told) => {
                print(&told);
                judge_reach(&mut tally, &told);
                tally.take(told.tally);
            }
            Err(error) => tally.fail(format!("{}: {error:#}", kind.name)),
        }
    }
    tally.print_reached("graph-faults");
    Ok(tally)
}

fn print(told: &Told) {
    let Told { kind, seats, bitten_in_sync, bitten_in_removals, passes, ends, stops, .. } = told;
    let not = |why: Option<&str>, count: u64| why.map_or_else(|| count.to_string(), |why| format!("- ({why})"));
    let sync_never = match kind.in_sync {
        InSync::Never(why) => Some(why),
        InSync::Asked | InSync::LaterPage | InSync::SecondRound | InSync::Beside | InSync::Played => None,
    };
    let removal_never = match kind.in_removal {
        InRemoval::Never(why) => Some(why),
        InRemoval::Write
        | InRemoval::WriteOrReading
        | InRemoval::BeforeOrAt
        | InRemoval::ReadingAfter
        | InRemoval::Everything => None,
    };
    let ends: Vec<String> = ends.iter().map(|(end, count)| format!("{count} {end:?}").to_lowercase()).collect();
    eprintln!(
        "graph-faults: {} | {seats} | {} | {passes} | {} | {} | {stops}",
        kind.name,
        not(sync_never, *bitten_in_sync),
        not(removal_never, *bitten_in_removals),
        ends.join(", "),
    );
}

/// A kind that can be met has to have bitten, in each of the two.
fn judge_reach(tally: &mut Tally, told: &Told) {
    let name = told.kind.name;
    if !matches!(told.kind.in_sync, InSync::Never(_)) {
        tally.reach("kinds that bit during a sync", usize::from(told.bitten_in_sync > 0));
        tally.expect(told.bitten_in_sync > 0, || format!("{name}: never bit during a sync"));
    }
    if !matches!(told.kind.in_removal, InRemoval::Never(_)) {
        tally.reach("kinds that bit during removals", usize::from(told.bitten_in_removals > 0));
        tally.expect(told.bitten_in_removals > 0, || format!("{name}: never bit during removals"));
        let wanted = told.kind.wanted;
        tally.expect(told.ends.contains_key(&wanted), || format!("{name}: no seat ended {wanted:?}"));
    }
    for (end, words) in [
        (End::Verified, "seats verified"),
        (End::Refused, "seats refused"),
        (End::Invalidated, "seats invalidated"),
        (End::Person, "seats on a person's list"),
    ] {
        tally.reach(words, told.ends.get(&end).copied().unwrap_or(0));
    }
}

async fn try_kind(given: Given, kind: Kind, users: usize, clean: BTreeSet<SeatKey>) -> Result<Told> {
    // Only a listing of several pages has a next one to follow.
    let users = if kind.in_sync == InSync::LaterPage { users.max(1_100) } else { users };
    let mut dice = Dice::new(given.seed, KINDS.iter().position(|one| one.name == kind.name).unwrap_or(0) as u64);
    let world = World::builder().users(users as u64).seed(given.seed).epoch(EPOCH).unsynced();
    let mut world = world
        .settings(|settings| {
            settings.write_deadline_seconds = 1;
            settings.budget.per_run = 100_000;
            settings.budget.per_day = 100_000;
        })
        .build()
        .await;
    let mut tally = Tally::default();
    let clean = if kind.in_sync == InSync::LaterPage && given.quick {
        let other = World::builder().users(users as u64).seed(given.seed).epoch(EPOCH).build().await;
        let found = idle(&other).await;
        other.finish().await;
        found
    } else {
        clean
    };
    let count = given.size(4, MANY_REMOVALS);
    let both = async {
        let synced = syncs::try_kind(&world, kind, &mut dice, &clean, &mut tally).await?;
        let removed = removals::try_kind(&mut world, kind, &mut dice, count, &mut tally).await?;
        anyhow::Ok((synced, removed))
    };
    let (synced, removed) = match both.await {
        Ok(both) => both,
        Err(error) => {
            world.abandon().await;
            return Err(error);
        }
    };
    if kind.in_removal == InRemoval::Never(kinds::NO_BATCH) {
        let asked = world.sim.stats().await["operations"].to_string().contains("$batch");
        tally.expect(!asked, || format!("{}: the product sends batches by now; say where this bites", kind.name));
    }
    let facts = (&world.sim, world.engine().store(), world.tenant_id());
    history::keep("graph-faults", given, kind.name, facts, Limits::default()).await?;
    tally.bitten = usize::try_from(synced.bitten + removed.bitten)?;
    let judgement = world.finish().await;
    tally.expect(judgement.forgotten.is_empty(), || format!("{}: {:?}", kind.name, judgement.forgotten));
    Ok(Told {
        kind,
        seats: synced.seats,
        bitten_in_sync: synced.bitten,
        bitten_in_removals: removed.bitten,
        passes: synced.passes,
        ends: removed.ends,
        stops: removed.stops,
        tally,
    })
}
