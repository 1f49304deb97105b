//! Two and three servers on one PostgreSQL, killed and stopped in the middle of anything: at most one
//! effect an approval (E7, I2), everything at its end (I3). And people who decide about the same
//! candidate at the same moment through different servers: some order of their wishes explains every
//! answer and the end.

use std::time::Duration;

use anyhow::{Context as _, Result};
use reseat_domain::candidate::StateName;
use reseat_testkit::{Backend, World, quick_settings};
use serde_json::json;

use crate::drive::{EPOCH, reclaim_idle, to_the_end};
use crate::fleet::Fleet;
use crate::history::{self, Limits};
use crate::tally::{Dice, Given, Tally};

mod decisions;

/// Disturbs servers, and lets people race.
///
/// # Errors
/// When there is no PostgreSQL to be had, or a world does not start.
pub async fn prove(given: Given) -> Result<Tally> {
    history::clear("cluster", given)?;
    let postgres = Backend::postgres().context("several servers need PostgreSQL: TEST_PG_URL says where one is")?;
    let mut tally = Tally::default();
    let rounds = given.size(8, 500);
    let mut round = 0;
    while tally.bitten < rounds {
        let one = disturb(given, round, postgres.clone(), rounds - tally.bitten).await;
        tally.take(one.with_context(|| format!("world {round}"))?);
        round += 1;
    }
    tally.take(decisions::race(given, postgres).await?);
    tally.print_reached("cluster");
    Ok(tally)
}

async fn disturb(given: Given, round: usize, postgres: Backend, wanted: usize) -> Result<Tally> {
    let mut dice = Dice::new(given.seed, 300 + round as u64);
    let mut tally = Tally::default();
    let mut world = World::builder()
        .on(postgres)
        .users(given.size(150, 600) as u64)
        .seed(given.seed + round as u64)
        .epoch(EPOCH)
        .build()
        .await;
    let seats = reclaim_idle(&world, given.size(8, 60)).await?;
    // Some answers get lost, and every write takes a moment in which a server can be stopped.
    for (at, seat) in seats.keys().enumerate() {
        let path = format!("users/{}/assignLicense", seat.user_id);
        let fault = ["reset-after-effect", "5xx-after-effect", "slow", "slow"][at % 4];
        world.sim.plant(fault, json!({ "path_contains": path, "delay_ms": 150, "seed": at })).await;
    }
    let budget = quick_settings().budget;
    let mut fleet = Fleet::start(&world, 2 + round % 2, budget)?;
    let mut disturbed = 0;
    while disturbed < wanted.min(given.size(8, 40)) {
        tokio::time::sleep(Duration::from_millis(20 + dice.below(120) as u64)).await;
        fleet.mend()?;
        let at = dice.below(fleet.len());
        if dice.below(2) == 0 {
            fleet.kill(at).await?;
        } else {
            fleet.pause(at).await?;
            // From a blink to three times as long as a lease is held (D12).
            let seconds = i32::try_from(dice.below(180))?;
            world.sim.advance(f64::from(seconds)).await;
            tokio::time::sleep(Duration::from_millis(30)).await;
            fleet.go_on(at).await?;
        }
        world.sim.advance(f64::from(i32::try_from(dice.below(8))?)).await;
        disturbed += 1;
    }
    tally.reach("servers killed", fleet.killed);
    tally.reach("servers stopped and let go on", fleet.paused);
    fleet.end().await?;
    tally.bitten += disturbed;
    world.restart().await;
    world.clock.set(world.sim.now().await);
    to_the_end(&mut world).await?;
    let facts = (&world.sim, world.engine().store(), world.tenant_id());
    history::keep("cluster", given, &format!("world-{round}"), facts, Limits::default()).await?;
    let (mut complete, mut other) = (0, Vec::new());
    for (seat, state) in crate::drive::states(&world).await?.into_iter().filter(|(seat, _)| seats.contains_key(seat)) {
        tally.cases += 1;
        if state.name() == StateName::ClosedComplete {
            complete += 1;
        } else {
            other.push(format!("{seat}: {state:?}"));
        }
        let removals = world.removals_of(seat).await;
        tally.expect(removals <= 1, || format!("I2: {removals} removals of {seat}"));
    }
    tally.reach("seats proven gone in the end", complete);
    tally.expect(other.is_empty(), || format!("I3: not taken back although approved and idle: {other:?}"));
    let judgement = world.finish().await;
    tally.expect(judgement.forgotten.is_empty(), || format!("I3: {:?}", judgement.forgotten));
    Ok(tally)
}
