//! A kind during syncs: from nothing, over what is published, and once more when it is over.

use std::collections::BTreeSet;

use anyhow::Result;
use reseat_domain::ids::{SeatKey, UserId};
use reseat_engine::commands::sync_now;
use reseat_engine::{EngineError, Task};
use reseat_testkit::World;
use serde_json::{Value, json};

use super::kinds::{InSync, Kind};
use crate::drive::idle;
use crate::tally::{Dice, Tally};

/// Passes under faults: the first over an empty database, the others over what was published.
const FAULTY_PASSES: usize = 3;

/// Passes that a tenant without faults may take until everything is read.
const CLEAN_PASSES: usize = 60;

pub struct Synced {
    pub seats: u64,
    pub bitten: u64,
    pub passes: usize,
}

pub async fn try_kind(
    world: &World,
    kind: Kind,
    dice: &mut Dice,
    clean: &BTreeSet<SeatKey>,
    tally: &mut Tally,
) -> Result<Synced> {
    let mut bitten = 0;
    let mut passes = 0;
    if !matches!(kind.in_sync, InSync::Never(_)) {
        if kind.in_sync == InSync::SecondRound {
            // What changed is asked for once there is something that it can have changed from.
            read_all(world, clean, true).await?;
        }
        for pass in 0..FAULTY_PASSES {
            plant(world, kind, dice, pass).await;
            bitten += pass_beside_others(world, kind, clean, dice).await?;
            passes += 1;
            bitten += world.sim.bitten(kind.name).await;
            world.sim.clear_faults().await;
            let found = idle(world).await;
            let extra: Vec<&SeatKey> = found.difference(clean).collect();
            tally.expect(extra.is_empty(), || format!("{}: I11: found idle only by faults: {extra:?}", kind.name));
        }
    }
    // Whoever was disturbed by another person's doing has changed seats; the others find what a clean
    // sync finds.
    let changed = matches!(kind.in_sync, InSync::Beside | InSync::Played);
    passes += read_all(world, clean, !changed).await?;
    let found = idle(world).await;
    tally.cases += 1;
    let extra: Vec<&SeatKey> = found.difference(clean).collect();
    tally.expect(extra.is_empty(), || format!("{}: I11 after it was over: {extra:?}", kind.name));
    if !changed {
        tally.expect(found == *clean, || {
            let lost: Vec<&SeatKey> = clean.difference(&found).collect();
            format!("{}: what a clean sync finds is not found after it was over: {lost:?}", kind.name)
        });
    }
    Ok(Synced { seats: world.all_seats().await.len() as u64, bitten, passes })
}

/// Asks for everything to be read and passes over the stages; a tenant that does not answer is the
/// point of it.
async fn pass(world: &World) -> Result<()> {
    sync_now(world.engine(), &world.cast.admin, None).await?;
    match world.tick().await {
        Ok(_) | Err(EngineError::Connector(_)) => Ok(()),
        Err(error) => Err(error.into()),
    }
}

/// Reads until what is found is what a clean sync finds; for a changed tenant, often enough.
async fn read_all(world: &World, clean: &BTreeSet<SeatKey>, equal: bool) -> Result<usize> {
    for passes in 1..=CLEAN_PASSES {
        pass(world).await?;
        if (equal && idle(world).await == *clean) || (!equal && passes >= 2 && all_read(world).await?) {
            return Ok(passes);
        }
    }
    Ok(CLEAN_PASSES)
}

async fn all_read(world: &World) -> Result<bool> {
    let mut tx = world.engine().store().read().await?;
    for task in [Task::ApplicationRoster, Task::ApplicationAccess, Task::LicenseInformation] {
        let runs = reseat_store::integration::find_open_run(&mut tx, world.tenant_id(), task.as_str()).await?;
        if runs.is_some() {
            return Ok(false);
        }
    }
    Ok(true)
}

/// Where the faults of one pass lie: the very first request in the first pass, any other later.
async fn plant(world: &World, kind: Kind, dice: &mut Dice, pass: usize) {
    let mut with = |skip: usize, times: usize| -> Value {
        json!({ "skip": skip, "times": times, "seed": dice.next() >> 1, "delay_ms": 120 })
    };
    let mut plants = match kind.in_sync {
        InSync::Asked if kind.name == "429-storm" => vec![with(pass, 8)],
        InSync::Asked if kind.name == "token-revoked" => vec![with(3 * pass, 1_000)],
        InSync::Asked => vec![with(pass, 1), with(2, 1), with(3, 1)],
        InSync::LaterPage | InSync::SecondRound => vec![with(0, 1)],
        InSync::Beside => vec![with(0, 1_000)],
        InSync::Played | InSync::Never(_) => vec![],
    };
    if kind.in_sync == InSync::Beside {
        // Only what the other program asks for, not what the product does.
        for plant in &mut plants {
            plant["method"] = json!("GET");
        }
    }
    for plant in plants {
        world.sim.plant(kind.name, plant).await;
    }
}

/// One pass, while somebody else is at work where the kind needs that. Gives how often they changed
/// something themselves.
async fn pass_beside_others(world: &World, kind: Kind, clean: &BTreeSet<SeatKey>, dice: &mut Dice) -> Result<u64> {
    let people: Vec<SeatKey> = clean.iter().copied().collect();
    let victims: Vec<SeatKey> = (0..3).map(|_| people[dice.below(people.len())]).collect();
    match kind.in_sync {
        InSync::Beside => {
            let others = async {
                for seat in &victims {
                    world.sim.look_at(seat.user_id).await;
                }
            };
            let (passed, ()) = tokio::join!(pass(world), others);
            passed?;
            Ok(0)
        }
        InSync::Played => {
            let others = async {
                for seat in &victims {
                    assign_again(world, seat.user_id).await;
                }
            };
            let (passed, ()) = tokio::join!(pass(world), others);
            passed?;
            Ok(victims.len() as u64)
        }
        InSync::Asked | InSync::LaterPage | InSync::SecondRound | InSync::Never(_) => {
            pass(world).await?;
            Ok(0)
        }
    }
}

/// An administrator takes every direct license of a person and gives it again.
async fn assign_again(world: &World, user_id: UserId) {
    let person = world.sim.user(user_id).await;
    let direct: Vec<Value> = person["licenses"]
        .as_array()
        .into_iter()
        .flatten()
        .filter(|path| path["group_id"].is_null())
        .map(|path| json!({ "sku_id": path["sku_id"], "disabled_plans": path["disabled_plans"] }))
        .collect();
    world.sim.give(user_id, json!([])).await;
    world.sim.give(user_id, json!(direct)).await;
}
