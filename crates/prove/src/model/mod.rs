//! Every interleaving of a small world (E5): two servers, two people, one or two seats, with crashes,
//! stopped servers, lost answers, stale readings and somebody who assigns again. The decisions are the
//! product's own: `candidate::transition`, `verify::read_removal`, `verify::unchanged_since_approval`.
//! Around them stands what a transaction compares: the version of the row, the freeze, the approval.
//!
//! Assumed, because nobody can promise more: at most two readings of a seat are stale, and no request
//! takes effect after its deadline and the settle time are over. Each planted mistake must be found.

mod explore;
mod tenant;
mod world;

use anyhow::Result;

use crate::tally::{Given, Tally};
use world::{Mistake, Sizes};

/// Explores the right program, then each wrong one until it is caught.
///
/// # Errors
/// When a thread ends early.
pub async fn prove(given: Given) -> Result<Tally> {
    let full = !given.quick;
    tokio::task::spawn_blocking(move || {
        let mut tally = Tally::default();
        let small = explore::explore(Sizes { seats: 1, approvals: 1 }, None, usize::MAX);
        report("one seat", &small, &mut tally);
        if full {
            // Too many to visit all: those that lie nearest to the start.
            let large = explore::explore(Sizes { seats: 2, approvals: 1 }, None, 1_500_000);
            report("two seats", &large, &mut tally);
        }
        for mistake in Mistake::ALL {
            let found = explore::explore(Sizes { seats: 1, approvals: 1 }, Some(mistake), usize::MAX);
            tally.cases += 1;
            match &found.broken {
                Some(how) => {
                    tally.bitten += 1;
                    eprintln!("model: caught {mistake:?} after {} states: {}", found.states, how.what);
                }
                None => tally.fail(format!("{mistake:?} is not caught")),
            }
        }
        tally.print_reached("model");
        tally
    })
    .await
    .map_err(Into::into)
}

fn report(name: &str, explored: &explore::Explored, tally: &mut Tally) {
    eprintln!("model: {name}: {} states, {} steps deep, whole: {}", explored.states, explored.depth, explored.whole);
    tally.cases += explored.states;
    if let Some(broken) = &explored.broken {
        tally.fail(format!("{name}: {}: {:#?}", broken.what, broken.steps));
    }
    for (what, times) in &explored.reached {
        tally.reach(what, *times);
    }
}
