//! I11 over random worlds: whatever goes missing, no seat becomes idle that was not (E6). The worlds and
//! their losses are those of the domain's own property test, a thousand times as many.

use std::collections::{BTreeMap, BTreeSet};

use anyhow::Result;
use reseat_domain::detect::{FindingKind, Verdict};
use reseat_domain::ids::SeatKey;

use crate::tally::{Given, Tally};

#[path = "../../domain/tests/worlds/mod.rs"]
mod worlds;

use worlds::{Dice, Fault, World};

/// Threads: one a core of the smallest machine this is meant for.
const THREADS: u64 = 2;

/// What a share of the worlds came to.
#[derive(Debug, Default)]
struct Seen {
    worlds: usize,
    lost_something: usize,
    /// By kind of loss: how often, and how often it took an idle finding away.
    kinds: BTreeMap<&'static str, (usize, usize)>,
    broken: Option<String>,
}

/// Judges every world before and after each of its losses.
///
/// # Errors
/// When a thread ends early.
pub async fn prove(given: Given) -> Result<Tally> {
    let worlds = given.size(20_000, 1_000_000) as u64;
    let share = worlds / THREADS;
    let running: Vec<_> = (0..THREADS)
        .map(|thread| {
            let first = given.seed.wrapping_mul(1_000_000_007).wrapping_add(thread * share);
            tokio::task::spawn_blocking(move || run(first, share))
        })
        .collect();
    let mut tally = Tally::default();
    let mut kinds: BTreeMap<&'static str, (usize, usize)> = BTreeMap::new();
    for thread in running {
        let seen = thread.await?;
        tally.cases += seen.worlds;
        tally.bitten += seen.lost_something;
        if let Some(broken) = seen.broken {
            tally.fail(broken);
        }
        for (kind, (times, bites)) in seen.kinds {
            let counted = kinds.entry(kind).or_default();
            counted.0 += times;
            counted.1 += bites;
        }
    }
    tally.expect(kinds.len() == Fault::KINDS, || format!("some kind of loss never happened: {kinds:?}"));
    for (kind, (times, bites)) in &kinds {
        eprintln!("monotony: lost {kind}: {times} times, {bites} times an idle finding with it");
        tally.expect(*bites > 0, || format!("losing {kind} never took an idle finding away"));
    }
    Ok(tally)
}

fn idle(verdicts: &BTreeMap<SeatKey, Verdict>) -> BTreeSet<SeatKey> {
    verdicts.iter().filter(|(_, verdict)| verdict.kind == FindingKind::Idle).map(|(seat, _)| *seat).collect()
}

fn run(first: u64, count: u64) -> Seen {
    let mut seen = Seen::default();
    for case in 0..count {
        let seed = first.wrapping_add(case);
        let mut dice = Dice::new(seed);
        let mut world = World::random(&mut dice);
        let mut before = idle(&world.judge_all(|_, _| {}));
        seen.worlds += 1;
        let mut lost = false;
        for _ in 0..=dice.below(6) {
            let Some(fault) = world.any_fault(&mut dice) else { break };
            world.suffer(&fault);
            lost = true;
            let after = idle(&world.judge_all(|_, _| {}));
            if let Some(seat) = after.difference(&before).next() {
                seen.broken = Some(format!("I11: seed {seed} made {seat} idle by losing {fault:?}"));
                return seen;
            }
            let (times, bites) = seen.kinds.entry(fault.kind()).or_default();
            *times += 1;
            *bites += usize::from(after.len() < before.len());
            before = after;
        }
        seen.lost_something += usize::from(lost);
    }
    seen
}
