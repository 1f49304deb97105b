//! A kind during removals of seats that were approved one by one.

use std::collections::{BTreeMap, BTreeSet};

use anyhow::Result;
use reseat_domain::candidate::{Attention, CandidateState, Completion, Resume};
use reseat_domain::ids::SeatKey;
use reseat_engine::EngineError;
use reseat_testkit::{Effect, World};
use serde_json::{Value, json};

use super::kinds::{End, InRemoval, Kind};
use crate::drive::{reclaim_idle, states, to_the_end};
use crate::tally::{Dice, Tally};

pub struct Removed {
    pub bitten: u64,
    pub ends: BTreeMap<End, usize>,
    pub stops: usize,
}

pub async fn try_kind(
    world: &mut World,
    kind: Kind,
    dice: &mut Dice,
    count: usize,
    tally: &mut Tally,
) -> Result<Removed> {
    let mut removed = Removed { bitten: 0, ends: BTreeMap::new(), stops: 0 };
    if matches!(kind.in_removal, InRemoval::Never(_)) {
        return Ok(removed);
    }
    let seats: Vec<SeatKey> = reclaim_idle(world, count).await?.into_keys().collect();
    let earlier = world.sim.journal().await.len();
    let mut before = BTreeMap::new();
    for seat in &seats {
        before.insert(*seat, holdings(world, *seat).await);
    }
    for (at, seat) in seats.iter().enumerate().filter(|(at, _)| at.is_multiple_of(kind.every)) {
        plant(world, kind, dice, *seat, at).await;
    }
    if kind.in_removal == InRemoval::Everything {
        wait_under_it(world, kind, tally).await?;
        removed.bitten += world.sim.bitten(kind.name).await;
        world.sim.clear_faults().await;
    }
    if kind.in_removal == InRemoval::ReadingAfter {
        write_then_plant(world, kind, dice, &seats).await?;
    }
    removed.stops = to_the_end(world).await?.stops;
    removed.bitten += world.sim.bitten(kind.name).await;
    let bitten = bitten_people(world, kind).await;
    world.sim.clear_faults().await;
    let journal = world.sim.journal().await.split_off(earlier);
    let ended = states(world).await?;
    for seat in &seats {
        tally.cases += 1;
        let Some(state) = ended.get(seat) else {
            tally.fail(format!("{}: the candidate of {seat} vanished", kind.name));
            continue;
        };
        let by_us = ours(world, &journal, *seat);
        let by_others = others(&journal, *seat);
        let interferes = matches!(kind.in_removal, InRemoval::BeforeOrAt);
        let end = end_of(state);
        let words = || format!("{}: {seat} ended {state:?} with {by_us} removals of ours", kind.name);
        match end {
            None => tally.fail(words()),
            Some(end) => {
                *removed.ends.entry(end).or_default() += 1;
                let right = match by_others {
                    Others::Seat => kind.allowed.contains(&end),
                    // Something else of the same person changed: taken back all the same, or a person looks.
                    Others::Person => matches!(end, End::Verified | End::Invalidated | End::Person),
                    // Whoever was to interfere found nothing that it can do.
                    Others::Nothing if interferes => end == End::Verified,
                    Others::Nothing if bitten.contains(&seat.user_id.to_string()) => kind.allowed.contains(&end),
                    Others::Nothing => end == End::Verified,
                };
                tally.expect(right, words);
                tally.expect(by_us == usize::from(removal_said(state)), words);
            }
        }
        if by_others == Others::Nothing {
            let after = holdings(world, *seat).await;
            let expected: BTreeSet<String> = before[seat]
                .iter()
                .filter(|held| by_us == 0 || !held.starts_with(&direct_of(*seat)))
                .cloned()
                .collect();
            tally.expect(after == expected, || format!("{}: more changed than {seat}: {after:?}", kind.name));
        }
    }
    Ok(removed)
}

/// Plants one kind for one seat; where it bites is the dice's choice.
async fn plant(world: &World, kind: Kind, dice: &mut Dice, seat: SeatKey, at: usize) {
    let user = format!("users/{}", seat.user_id);
    let write = json!({ "method": "POST", "path_contains": format!("{user}/assignLicense") });
    let reading = |skip: usize| json!({ "method": "GET", "path_contains": user, "skip": skip });
    let mut with = match kind.in_removal {
        InRemoval::Write => write,
        InRemoval::WriteOrReading if at.is_multiple_of(2) => write,
        InRemoval::WriteOrReading => reading(dice.below(4)),
        InRemoval::BeforeOrAt if at.is_multiple_of(2) => reading(0),
        InRemoval::BeforeOrAt => write,
        InRemoval::Everything if at == 0 => json!({}),
        InRemoval::Everything | InRemoval::ReadingAfter | InRemoval::Never(_) => return,
    };
    let everything = kind.in_removal == InRemoval::Everything;
    with["times"] = json!(if everything { 1_000_000 } else { kind.times });
    with["seed"] = json!(dice.next() >> 1);
    with["delay_ms"] = json!(1_300);
    world.sim.plant(kind.name, with).await;
}

/// While nothing can be reached nothing is written, and nothing half-done counts as failed (G13).
async fn wait_under_it(world: &World, kind: Kind, tally: &mut Tally) -> Result<()> {
    for _ in 0..30 {
        match world.tick().await {
            Ok(_) | Err(EngineError::Connector(_)) => {}
            Err(error) => return Err(error.into()),
        }
        world.advance(60).await;
    }
    let removals = world.judge().await.removals;
    tally.expect(removals == 0, || format!("{}: {removals} removals although nothing may be reached", kind.name));
    for (seat, state) in states(world).await? {
        let failed = matches!(end_of(&state), Some(End::Refused | End::Invalidated | End::Verified));
        tally.expect(!failed, || format!("{}: {seat} is {state:?} although nothing is known", kind.name));
    }
    Ok(())
}

/// Sends the writes one after the other, and lets each person's readings lie from then on.
async fn write_then_plant(world: &World, kind: Kind, dice: &mut Dice, seats: &[SeatKey]) -> Result<()> {
    let mut planted = BTreeSet::new();
    for _ in 0..seats.len() * 40 + 40 {
        let sent: BTreeSet<String> = world.sim.journal().await.into_iter().map(|effect| effect.user_id).collect();
        for seat in seats.iter().filter(|seat| sent.contains(&seat.user_id.to_string())) {
            if planted.insert(*seat) {
                let path = format!("users/{}", seat.user_id);
                let with =
                    json!({ "method": "GET", "path_contains": path, "times": kind.times, "seed": dice.next() >> 1 });
                world.sim.plant(kind.name, with).await;
            }
        }
        if planted.len() == seats.len() {
            return Ok(());
        }
        match world.tick().await {
            Ok(report) if report.written > 0 => {}
            Ok(_) | Err(EngineError::Connector(_)) => world.advance(2).await,
            Err(error) => return Err(error.into()),
        }
    }
    Ok(())
}

/// Whose requests were bitten.
async fn bitten_people(world: &World, kind: Kind) -> BTreeSet<String> {
    let planted = world.sim.planted(kind.name).await;
    let bitten = planted.iter().filter(|one| one["bitten"].as_u64() > Some(0));
    bitten
        .filter_map(|one| one["path_contains"].as_str())
        .filter_map(|path| path.split('/').nth(1))
        .map(str::to_owned)
        .collect()
}

fn direct_of(seat: SeatKey) -> String {
    format!("{} direct", seat.sku_id)
}

/// Everything a person holds in truth: the sku, how, and with which plans off.
async fn holdings(world: &World, seat: SeatKey) -> BTreeSet<String> {
    let person = world.sim.user(seat.user_id).await;
    let paths = person["licenses"].as_array().cloned().unwrap_or_default();
    let word = |path: &Value| {
        let group = path["group_id"].as_str().map_or_else(|| "direct".to_owned(), |id| format!("through {id}"));
        format!("{} {group} without {}", path["sku_id"].as_str().unwrap_or_default(), path["disabled_plans"])
    };
    paths.iter().map(word).collect()
}

fn ours(world: &World, journal: &[Effect], seat: SeatKey) -> usize {
    let writer = &world.sim.ready.app("writer").client_id;
    let (user_id, sku_id) = (seat.user_id.to_string(), seat.sku_id.to_string());
    let removals = journal.iter().filter(|effect| {
        effect.kind == "license_removed"
            && effect.app_id.as_deref() == Some(writer.as_str())
            && effect.user_id == user_id
            && effect.sku_id.as_deref() == Some(sku_id.as_str())
    });
    removals.count()
}

/// What somebody else changed meanwhile.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Others {
    Nothing,
    Person,
    Seat,
}

fn others(journal: &[Effect], seat: SeatKey) -> Others {
    let (user_id, sku_id) = (seat.user_id.to_string(), seat.sku_id.to_string());
    let theirs = journal.iter().filter(|effect| effect.app_id.is_none() && effect.user_id == user_id);
    let mut found = Others::Nothing;
    for effect in theirs {
        if effect.sku_id.as_deref() == Some(sku_id.as_str()) {
            return Others::Seat;
        }
        found = Others::Person;
    }
    found
}

/// How a candidate ended; `None` for a state that is no end of an approved removal.
fn end_of(state: &CandidateState) -> Option<End> {
    match state {
        CandidateState::ClosedComplete { completion: Completion::Proven { .. } } => Some(End::Verified),
        CandidateState::ClosedCanceled { .. } => Some(End::Invalidated),
        CandidateState::AttentionRequired {
            cause: Attention::WriteRefused { .. } | Attention::Protected { .. },
            ..
        } => Some(End::Refused),
        CandidateState::AttentionRequired { .. } => Some(End::Person),
        CandidateState::ClosedComplete { completion: Completion::ByHand { .. } }
        | CandidateState::Ready
        | CandidateState::AwaitingUser { .. }
        | CandidateState::AwaitingApproval { .. }
        | CandidateState::InReview { .. }
        | CandidateState::AwaitingRevocation { .. }
        | CandidateState::Revoking { .. }
        | CandidateState::Verifying { .. }
        | CandidateState::Restoring { .. }
        | CandidateState::ClosedRestored { .. }
        | CandidateState::ClosedSkipped { .. } => None,
    }
}

/// Whether this end says that a removal of ours happened.
fn removal_said(state: &CandidateState) -> bool {
    match state {
        CandidateState::ClosedComplete { .. } => true,
        CandidateState::AttentionRequired { resume, .. } => matches!(resume, Resume::Verifying { .. }),
        CandidateState::Ready
        | CandidateState::AwaitingUser { .. }
        | CandidateState::AwaitingApproval { .. }
        | CandidateState::InReview { .. }
        | CandidateState::AwaitingRevocation { .. }
        | CandidateState::Revoking { .. }
        | CandidateState::Verifying { .. }
        | CandidateState::Restoring { .. }
        | CandidateState::ClosedRestored { .. }
        | CandidateState::ClosedSkipped { .. }
        | CandidateState::ClosedCanceled { .. } => false,
    }
}
