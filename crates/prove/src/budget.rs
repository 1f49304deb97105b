//! A budget is never passed, whoever asks for how much at the same time, and whoever is killed while
//! asking (E10, I5). The judge is the tenant's journal: in no 24 hours more removals than a day may
//! have, in the first run no more than the canary.

use std::collections::BTreeMap;
use std::time::Duration;

use anyhow::{Context as _, Result};
use reseat_domain::budget::BudgetLimits;
use reseat_domain::candidate::StateName;
use reseat_domain::time::Timestamp;
use reseat_store::candidates::count_in_state;
use reseat_testkit::{Backend, Effect, World};

use crate::drive::{EPOCH, reclaim_idle};
use crate::fleet::Fleet;
use crate::history::{self, Limits};
use crate::tally::{Dice, Given, Tally};

/// The clock moves on by at most this many seconds at once. A write on its way takes its effect that
/// much later than it was counted, so windows are looked at that much shorter.
const MOST_STEP: i64 = 1_500;

/// Seconds of a day.
const DAY: i64 = 86_400;

const LIMITS: BudgetLimits = BudgetLimits {
    first_run: 3,
    per_run: 6,
    per_run_percent: 60,
    per_day: 14,
    per_day_percent: 70,
    per_30_days_percent: 100,
    run_interval_seconds: 3_600,
};

/// Lets servers loose on more than a day's worth of approved seats.
///
/// # Errors
/// When a world does not start.
pub async fn prove(given: Given) -> Result<Tally> {
    history::clear("budget", given)?;
    let mut tally = Tally::default();
    let most = given.size(1, 12);
    for round in 0..most {
        let postgres = Backend::postgres().filter(|_| round % 4 != 3);
        let servers = if postgres.is_some() { 3 } else { 1 };
        let backend = postgres.unwrap_or(Backend::Sqlite);
        let one = run(given, round, backend, servers).await.with_context(|| format!("round {round}"))?;
        tally.take(one);
    }
    tally.print_reached("budget");
    Ok(tally)
}

async fn run(given: Given, round: usize, backend: Backend, servers: usize) -> Result<Tally> {
    let mut dice = Dice::new(given.seed, 100 + round as u64);
    let mut tally = Tally::default();
    let mut world = World::builder()
        .on(backend)
        .users(given.size(300, 900) as u64)
        .seed(given.seed + round as u64)
        .epoch(EPOCH)
        .settings(|settings| settings.budget = LIMITS)
        .build()
        .await;
    let seats = reclaim_idle(&world, given.size(18, 80)).await?;
    tally.cases += seats.len();
    // SQLite lets one process in at a time.
    world.stop().await;
    let mut fleet = Fleet::start(&world, servers, LIMITS)?;
    let days = i64::try_from(seats.len())? / i64::from(LIMITS.per_day) + 1;
    let began = world.sim.now().await;
    let mut steps = 0;
    loop {
        let step = i32::try_from(dice.below(usize::try_from(MOST_STEP)?))?;
        let now = world.sim.advance(f64::from(step)).await;
        // Lets the servers work; how far they come is theirs, and nothing is decided by it.
        tokio::time::sleep(Duration::from_millis(25)).await;
        fleet.mend()?;
        if dice.below(12) == 0 {
            let at = dice.below(fleet.len());
            fleet.kill(at).await?;
        }
        steps += 1;
        if now.seconds_since(began) > days * DAY || steps > 2_000 {
            break;
        }
    }
    tally.bitten += fleet.killed;
    fleet.end().await?;
    world.restart().await;
    world.clock.set(world.sim.now().await);
    world.drain().await;
    judge(&world, given, round, &mut tally).await?;
    let judgement = world.finish().await;
    tally.expect(judgement.removals > 0, || "nothing was removed".to_owned());
    tally
        .reach("rounds in which a day's budget was used up", usize::from(judgement.removals > LIMITS.per_day as usize));
    Ok(tally)
}

async fn judge(world: &World, given: Given, round: usize, tally: &mut Tally) -> Result<()> {
    let facts = (&world.sim, world.engine().store(), world.tenant_id());
    let limits = Limits { per_day: LIMITS.per_day };
    history::keep("budget", given, &format!("round-{round}"), facts, limits).await?;
    let writer = world.sim.ready.app("writer").client_id.clone();
    let journal = world.sim.journal().await;
    let removals: Vec<&Effect> = journal
        .iter()
        .filter(|effect| effect.kind == "license_removed" && effect.app_id.as_deref() == Some(writer.as_str()))
        .collect();
    let mut moments = Vec::new();
    for effect in &removals {
        moments.push(effect.at.parse::<Timestamp>().map_err(|error| anyhow::anyhow!("{}: {error:?}", effect.at))?);
    }
    let most = most_within(&moments, DAY - MOST_STEP);
    eprintln!(
        "budget: round {round}: {} removals, {most} in the fullest day of at most {}",
        removals.len(),
        LIMITS.per_day
    );
    tally.expect(most <= LIMITS.per_day as usize, || format!("I5: {most} removals within a day"));
    let mut of_sku: BTreeMap<&str, Vec<Timestamp>> = BTreeMap::new();
    for (effect, at) in removals.iter().zip(&moments) {
        of_sku.entry(effect.sku_id.as_deref().unwrap_or_default()).or_default().push(*at);
    }
    tally.reach("license types with a day's share of their own", of_sku.len());
    let mut tx = world.engine().store().read().await?;
    let waiting = count_in_state(&mut tx, world.tenant_id(), StateName::AwaitingRevocation).await?;
    tally.reach(
        "seats that had to wait for another day",
        usize::from(waiting > 0 || removals.len() > LIMITS.per_day as usize),
    );
    Ok(())
}

/// The most moments that lie within any `seconds`.
fn most_within(moments: &[Timestamp], seconds: i64) -> usize {
    let mut sorted = moments.to_vec();
    sorted.sort_unstable();
    let mut first = 0;
    let mut most = 0;
    for (at, moment) in sorted.iter().enumerate() {
        while moment.seconds_since(sorted[first]) >= seconds {
            first += 1;
        }
        most = most.max(at + 1 - first);
    }
    most
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_fullest_window_is_found_wherever_it_begins() {
        let moments: Vec<Timestamp> =
            [0, 10, 50, 55, 58, 100].map(|second| Timestamp::from_micros(second * 1_000_000)).into();
        assert_eq!(most_within(&moments, 10), 3);
        assert_eq!(most_within(&moments, 9), 3);
        assert_eq!(most_within(&moments, 5), 2);
        assert_eq!(most_within(&moments, 1_000), 6);
        assert_eq!(most_within(&[], 10), 0);
    }
}
