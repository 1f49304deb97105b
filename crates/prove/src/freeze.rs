//! Stop means stop (E9, I9): once a freeze is acknowledged no new write starts, and what was on its way
//! is at most one request a server. Tried while servers write as fast as they can.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::Duration;

use anyhow::{Context as _, Result};
use reseat_domain::plan::IntentState;
use reseat_engine::Engine;
use reseat_engine::clock::Stopwatch;
use reseat_engine::commands::freeze;
use reseat_testkit::{Backend, World};
use serde_json::json;

use crate::drive::{EPOCH, reclaim, reclaim_idle, states, thaw, to_the_end};
use crate::history::{self, Limits, all_candidates};
use crate::tally::{Dice, Given, Tally};

/// Servers that write; on SQLite one.
const SERVERS: usize = 3;

/// Freezes again and again while servers work.
///
/// # Errors
/// When a world does not start.
pub async fn prove(given: Given) -> Result<Tally> {
    history::clear("freeze", given)?;
    let mut tally = Tally::default();
    let mut longest = Duration::ZERO;
    let wanted = given.size(12, 1_000);
    let mut round = 0;
    while tally.cases < wanted && round < 60 {
        let backend = Backend::postgres().filter(|_| round % 4 != 3).unwrap_or(Backend::Sqlite);
        let (one, latest) =
            run(given, round, backend, wanted - tally.cases).await.with_context(|| format!("round {round}"))?;
        longest = longest.max(latest);
        tally.take(one);
        round += 1;
    }
    let made = tally.cases;
    tally.expect(made >= wanted, || format!("only {made} of {wanted} tries were made"));
    // A figure and no verdict: it counts the whole passes that were waited for, on whatever machine this is.
    eprintln!("freeze: the latest effect was there {} ms after the acknowledgement, at most", longest.as_millis());
    tally.print_reached("freeze");
    Ok(tally)
}

/// A server that passes over its stages until it is told to end, and counts its passes.
struct Server {
    passes: Arc<AtomicU64>,
    end: Arc<AtomicBool>,
    task: tokio::task::JoinHandle<()>,
    engine: Engine,
}

impl Server {
    fn start(engine: Engine) -> Self {
        let (passes, end) = (Arc::new(AtomicU64::new(0)), Arc::new(AtomicBool::new(false)));
        let (counting, ending, working) = (Arc::clone(&passes), Arc::clone(&end), engine.clone());
        let task = tokio::spawn(async move {
            while !ending.load(Ordering::SeqCst) {
                // Another server being faster is no trouble of this proof.
                let _ = working.tick().await;
                counting.fetch_add(1, Ordering::SeqCst);
                tokio::time::sleep(Duration::from_millis(1)).await;
            }
        });
        Self { passes, end, task, engine }
    }

    /// Waits until whatever pass was under way is over.
    async fn pass_is_over(&self) {
        let seen = self.passes.load(Ordering::SeqCst);
        while self.passes.load(Ordering::SeqCst) < seen + 2 {
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
    }
}

async fn run(given: Given, round: usize, backend: Backend, tries: usize) -> Result<(Tally, Duration)> {
    let mut dice = Dice::new(given.seed, 200 + round as u64);
    let mut tally = Tally::default();
    let servers = if matches!(backend, Backend::Sqlite) { 1 } else { SERVERS };
    let mut world = World::builder()
        .on(backend)
        .users(given.size(300, 1_000) as u64)
        .seed(given.seed + round as u64)
        .epoch(EPOCH)
        .settings(|settings| {
            settings.budget.per_run = 100_000;
            settings.budget.per_day = 100_000;
        })
        .build()
        .await;
    // The canary is proven first; then everything may go at once.
    reclaim_idle(&world, 1).await?;
    to_the_end(&mut world).await?;
    freeze(world.engine(), &world.cast.auditor, "until everything is ready").await?;
    let taken = states(&world).await?;
    let mut approved = 1;
    for seat in world.idle_seats().await.into_iter().filter(|seat| !taken.contains_key(seat)) {
        approved += usize::from(reclaim(&world, seat).await?.is_some());
    }
    // Each request takes a moment, so that a freeze can come while one is on its way.
    let slow = json!({ "path_contains": "assignLicense", "times": 1_000_000, "delay_ms": 150 });
    world.sim.plant("slow", slow).await;
    let mut running = vec![Server::start(world.engine().clone())];
    for at in 1..servers {
        running.push(Server::start(world.another_server(&format!("server {at}")).await));
    }
    let mut latest = Duration::ZERO;
    let (mut written, mut wrote_between, mut late) = (1, 0, 0);
    while tally.cases < tries && written < approved {
        thaw(&world).await?;
        if dice.below(3) > 0 {
            writing(&world, written).await;
        } else {
            tokio::time::sleep(Duration::from_millis(dice.below(40) as u64)).await;
        }
        freeze(world.engine(), &world.cast.auditor, "stop").await?;
        let acknowledged = Stopwatch::start();
        let effects = world.sim.journal().await.len();
        let (started, on_their_way) = count_started(&world).await?;
        for server in &running {
            server.pass_is_over().await;
        }
        let after = world.sim.journal().await.len();
        let (started_after, _) = count_started(&world).await?;
        tally.cases += 1;
        tally.expect(started_after == started, || {
            format!("I9: {} writes began after the freeze was acknowledged", started_after - started)
        });
        tally.expect(after - effects <= running.len(), || {
            format!("I9: {} effects after the acknowledgement, of {} servers", after - effects, running.len())
        });
        tally.expect(on_their_way <= running.len(), || {
            format!("I9: {on_their_way} requests on their way, of {} servers", running.len())
        });
        late += usize::from(on_their_way > 0);
        if after > effects {
            latest = latest.max(acknowledged.elapsed());
        }
        wrote_between += usize::from(after > written);
        written = after;
        world.advance(3).await;
    }
    tally.bitten = wrote_between;
    tally.reach("freezes that came while something was being written", wrote_between);
    tally.reach("freezes that came while a request was on its way", late);
    eprintln!("freeze: round {round}: {} tries, {late} times a request was still on its way", tally.cases);
    for server in running {
        server.end.store(true, Ordering::SeqCst);
        server.task.await?;
        if !std::ptr::eq(server.engine.store(), world.engine().store()) {
            server.engine.store().close().await;
        }
    }
    let facts = (&world.sim, world.engine().store(), world.tenant_id());
    history::keep("freeze", given, &format!("round-{round}"), facts, Limits::default()).await?;
    world.finish().await;
    Ok((tally, latest))
}

/// Waits until something more is written than `written`; its answer takes a moment from then on. Gives up
/// after a while: there may be nothing left to write.
async fn writing(world: &World, written: usize) {
    for _ in 0..300 {
        if world.sim.journal().await.len() > written {
            return;
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
}

/// How many writes were ever begun, which is durable intents, and how many of them have no answer yet.
async fn count_started(world: &World) -> Result<(usize, usize)> {
    let all = all_candidates(world.engine().store(), world.tenant_id()).await?;
    let writes: Vec<_> = all.iter().flat_map(|detail| &detail.writes).collect();
    let unanswered = writes.iter().filter(|write| write.state == IntentState::Intended.as_str());
    Ok((writes.len(), unanswered.count()))
}
