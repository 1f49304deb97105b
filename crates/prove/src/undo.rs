//! Every removal can be undone: afterwards the person holds the same license with the same plans off as
//! before (E12, I6). Compared in the tenant itself; where Microsoft does not allow it, the candidate
//! says so and is listed.

use std::collections::BTreeMap;

use anyhow::{Context as _, Result};
use reseat_domain::candidate::{Action, CandidateState, StateName};
use reseat_domain::ids::{CandidateId, SeatKey};
use reseat_testkit::{Backend, World};
use serde_json::{Value, json};

use crate::drive::{EPOCH, reclaim_idle, to_the_end};
use crate::history::{self, Limits};
use crate::tally::{Given, Tally};

/// How many tenants are tried beside each other.
const BESIDE: usize = 2;

/// Removes and restores whatever is idle, tenant after tenant.
///
/// # Errors
/// When a world does not start.
pub async fn prove(given: Given) -> Result<Tally> {
    history::clear("undo", given)?;
    let mut tally = Tally::default();
    let rounds: Vec<usize> = (0..given.size(2, 40)).collect();
    for group in rounds.chunks(BESIDE) {
        let running: Vec<_> = group.iter().map(|round| tokio::spawn(run(given, *round))).collect();
        for task in running {
            tally.take(task.await.context("a step of it panicked")??);
        }
    }
    tally.print_reached("undo");
    Ok(tally)
}

async fn run(given: Given, round: usize) -> Result<Tally> {
    let mut tally = Tally::default();
    let backend = Backend::postgres().filter(|_| round % 2 == 1).unwrap_or(Backend::Sqlite);
    let mut world = World::builder()
        .on(backend)
        .users(given.size(150, 2_000) as u64)
        .seed(given.seed * 1_000 + round as u64)
        .epoch(EPOCH)
        .settings(|settings| {
            settings.budget.per_run = 100_000;
            settings.budget.per_day = 100_000;
        })
        .build()
        .await;
    let ids = reclaim_idle(&world, given.size(8, 400)).await?;
    let mut before = BTreeMap::new();
    for seat in ids.keys() {
        before.insert(*seat, direct(&world, *seat).await.context("an idle seat is held directly")?);
    }
    to_the_end(&mut world).await?;
    let mut gone = Vec::new();
    for (seat, id) in &ids {
        tally.cases += 1;
        if world.state_name(*id).await != StateName::ClosedComplete {
            tally.fail(format!("{seat} was not taken back: {:?}", world.state(*id).await));
            continue;
        }
        tally.expect(direct(&world, *seat).await.is_none(), || format!("{seat} is closed and still held"));
        gone.push((*seat, *id));
    }
    tally.bitten += gone.len();
    // Somebody else is faster with the seat of the last one where there is no other.
    for (_, id) in &gone {
        world.act(&world.cast.manager, *id, Action::Restore).await?;
    }
    to_the_end(&mut world).await?;
    let mut listed = 0;
    for (seat, id) in &gone {
        listed += usize::from(!judge(&world, *seat, *id, &before[seat], &mut tally).await);
    }
    if listed > 0 {
        eprintln!("undo: round {round}: {listed} could not be given back and are on a person's list");
    }
    let off = before.values().filter(|path| path["disabled_plans"].as_array().is_some_and(|off| !off.is_empty()));
    tally.reach("undone with plans that were off", off.count());
    let facts = (&world.sim, world.engine().store(), world.tenant_id());
    history::keep("undo", given, &format!("round-{round}"), facts, Limits::default()).await?;
    let judgement = world.finish().await;
    tally.reach("removals undone", judgement.restores);
    tally.expect(judgement.removals == gone.len(), || format!("{} removals of {}", judgement.removals, gone.len()));
    tally.expect(judgement.forgotten.is_empty(), || format!("{:?}", judgement.forgotten));
    Ok(tally)
}

/// Whether the seat is held again exactly as before; if not, its candidate has to be on the list.
async fn judge(world: &World, seat: SeatKey, id: CandidateId, before: &Value, tally: &mut Tally) -> bool {
    let after = direct(world, seat).await;
    let state = world.state(id).await;
    match &state {
        CandidateState::ClosedRestored { .. } => {
            let same = after.as_ref().is_some_and(|after| plans(after) == plans(before));
            tally.expect(same, || format!("I6: {seat} came back as {after:?}, and was {before}"));
            true
        }
        CandidateState::AttentionRequired { .. } => false,
        other => {
            tally.fail(format!("{seat} was to be restored and is {other:?}"));
            true
        }
    }
}

fn plans(path: &Value) -> Vec<String> {
    let mut plans: Vec<String> =
        path["disabled_plans"].as_array().into_iter().flatten().map(ToString::to_string).collect();
    plans.sort();
    plans
}

/// The direct path of a seat as it is in truth.
async fn direct(world: &World, seat: SeatKey) -> Option<Value> {
    let person = world.sim.user(seat.user_id).await;
    let licenses = person["licenses"].as_array().cloned().unwrap_or_default();
    licenses.into_iter().find(|path| path["sku_id"] == json!(seat.sku_id) && path["group_id"].is_null())
}
