//! Several people decide about one candidate through several servers at once. Each wish has a moment
//! in which it was spoken and one in which it was answered; some order that respects these moments must
//! explain every answer and where the candidate ended, by the very transition function (linearizability,
//! candidate by candidate).

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use anyhow::Result;
use reseat_domain::candidate::{Action, StateName};
use reseat_domain::ids::CandidateId;
use reseat_engine::commands::{ActionInput, act, freeze};
use reseat_engine::{Caller, Engine};
use reseat_testkit::{Backend, World};

use crate::drive::EPOCH;
use crate::tally::{Dice, Given, Tally};

/// Wishes about one candidate.
const WISHES: usize = 5;

/// One wish with the moments it lay between.
#[derive(Debug, Clone, Copy)]
struct Wish {
    action: Action,
    spoken: u64,
    answered: u64,
    done: bool,
}

pub async fn race(given: Given, postgres: Backend) -> Result<Tally> {
    let mut tally = Tally::default();
    for round in 0..given.size(1, 10) {
        tally.take(race_in_one_world(given, round, postgres.clone()).await?);
    }
    Ok(tally)
}

async fn race_in_one_world(given: Given, round: usize, postgres: Backend) -> Result<Tally> {
    let mut tally = Tally::default();
    let mut dice = Dice::new(given.seed, 400 + round as u64);
    let world =
        World::builder().on(postgres).users(given.size(200, 600) as u64).seed(given.seed).epoch(EPOCH).build().await;
    let others = [world.another_server("second").await, world.another_server("third").await];
    let engines = [world.engine().clone(), others[0].clone(), others[1].clone()];
    // Decisions only: nothing is written in this part.
    freeze(world.engine(), &world.cast.auditor, "decisions only").await?;
    let moments = Arc::new(AtomicU64::new(0));
    for seat in world.idle_seats().await.into_iter().take(given.size(10, 60)) {
        let id = world.propose(seat).await;
        if world.state_name(id).await != StateName::AwaitingApproval {
            continue;
        }
        let running: Vec<_> = (0..WISHES)
            .map(|_| {
                let action = if dice.below(2) == 0 { Action::Keep } else { Action::Approve };
                let people = [&world.cast.approver, &world.cast.second_approver];
                let caller = people[dice.below(2)].clone();
                let engine = engines[dice.below(3)].clone();
                tokio::spawn(speak(engine, caller, id, action, Arc::clone(&moments)))
            })
            .collect();
        let mut history = Vec::new();
        for task in running {
            history.push(task.await?);
        }
        let end = world.state_name(id).await;
        tally.cases += 1;
        tally.expect(is_explained(&history, end), || format!("no order explains {history:?}, ended {end}"));
        let both =
            [Action::Keep, Action::Approve].iter().all(|action| history.iter().any(|wish| wish.action == *action));
        tally.reach("candidates about which people disagreed", usize::from(both));
        tally.reach("candidates that were kept", usize::from(end == StateName::ClosedSkipped));
        tally.reach("wishes that came too late", history.iter().filter(|wish| !wish.done).count());
        if history.iter().any(|wish| wish.action == Action::Keep && wish.done) {
            tally.expect(end == StateName::ClosedSkipped, || format!("I12: kept, and ended {end}"));
        }
    }
    for engine in &others {
        engine.store().close().await;
    }
    let judgement = world.finish().await;
    tally.expect(judgement.removals == 0, || "something was removed while frozen".to_owned());
    Ok(tally)
}

async fn speak(engine: Engine, caller: Caller, id: CandidateId, action: Action, moments: Arc<AtomicU64>) -> Wish {
    let input = ActionInput { reason: Some("said in a race".to_owned()), ..ActionInput::default() };
    let spoken = moments.fetch_add(1, Ordering::SeqCst);
    let done = act(&engine, &caller, id, action, &input).await.is_ok();
    let answered = moments.fetch_add(1, Ordering::SeqCst);
    Wish { action, spoken, answered, done }
}

/// Whether some order of the wishes that were done, respecting which was answered before which was spoken,
/// leads to this end. A wish that was refused changes nothing; it may be refused because another one was
/// being written at that moment, so it needs no place of its own.
fn is_explained(history: &[Wish], end: StateName) -> bool {
    let done: Vec<Wish> = history.iter().copied().filter(|wish| wish.done).collect();
    let refused_alone = done.is_empty() && !history.is_empty();
    !refused_alone && orders(&done, StateName::AwaitingApproval, end)
}

fn orders(left: &[Wish], state: StateName, end: StateName) -> bool {
    if left.is_empty() {
        return state == end;
    }
    let earliest = left.iter().map(|wish| wish.answered).min().unwrap_or(u64::MAX);
    left.iter().enumerate().filter(|(_, wish)| wish.spoken < earliest).any(|(at, wish)| {
        let mut rest = left.to_vec();
        rest.remove(at);
        after(state, wish.action).is_some_and(|next| orders(&rest, next, end))
    })
}

/// Where a wish leads; none when it does not apply there.
fn after(state: StateName, action: Action) -> Option<StateName> {
    let open = state == StateName::AwaitingApproval;
    if action == Action::Approve && open {
        return Some(StateName::AwaitingRevocation);
    }
    (action == Action::Keep && (open || state == StateName::AwaitingRevocation)).then_some(StateName::ClosedSkipped)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn wish(action: Action, spoken: u64, answered: u64) -> Wish {
        Wish { action, spoken, answered, done: true }
    }

    #[test]
    fn an_order_has_to_respect_who_was_answered_before_whom() {
        let together = [wish(Action::Approve, 0, 3), wish(Action::Keep, 1, 2)];
        assert!(is_explained(&together, StateName::ClosedSkipped));
        assert!(!is_explained(&together, StateName::AwaitingRevocation), "a keep that was done was lost");
        let after_a_keep = [wish(Action::Keep, 0, 1), wish(Action::Approve, 2, 3)];
        assert!(!is_explained(&after_a_keep, StateName::ClosedSkipped), "an approval after the end");
        let twice = [wish(Action::Approve, 0, 2), wish(Action::Approve, 1, 3)];
        assert!(!is_explained(&twice, StateName::AwaitingRevocation), "approved twice");
    }
}
