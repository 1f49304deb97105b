//! Keeping a world going to its end, as its people would: what is frozen by the program itself is
//! looked at and thawed by two of them.

use std::collections::{BTreeMap, BTreeSet};

use anyhow::{Result, bail};
use reseat_domain::candidate::{Action, CandidateState, StateName};
use reseat_domain::detect::FindingKind;
use reseat_domain::ids::{CandidateId, SeatKey};
use reseat_engine::commands;
use reseat_engine::write_back::why_no_write;
use reseat_store::freezes;
use reseat_testkit::{Step, World};

use crate::history::all_candidates;

/// The day every proof's tenant is generated for, so that a seed means the same on any day.
pub const EPOCH: &str = "2026-03-04";

/// How often writes may be stopped before a proof gives up on getting to the end.
const MOST_STOPS: usize = 500;

/// How many steps one way may take.
const MOST_STEPS: usize = 50_000;

/// After how many requests in a row that were not sent the connection is looked at.
const MOST_UNSENT: usize = 6;

/// After how many steps in a row in which nothing was done something else has to happen first.
const MOST_WAITS: usize = 150;

/// States in which the program has something left to do by itself.
const UNDERWAY: [StateName; 4] =
    [StateName::AwaitingRevocation, StateName::Revoking, StateName::Verifying, StateName::Restoring];

/// What a way to the end was like.
#[derive(Debug, Default, Clone, Copy)]
pub struct Way {
    /// How often the program stopped all writes by itself and two people let it go on.
    pub stops: usize,
}

/// Drains until nothing is left to do, thawing what the program itself froze. A server whose connection
/// keeps away from Graph for minutes, by the clock of the machine, is restarted, as somebody who fixed
/// the connection would.
///
/// # Errors
/// When something stays underway although nothing stands in its way.
pub async fn to_the_end(world: &mut World) -> Result<Way> {
    let mut way = Way::default();
    let (mut still, mut left) = (0, usize::MAX);
    loop {
        drain(world).await?;
        if thaw(world).await? {
            way.stops += 1;
            if way.stops > MOST_STOPS {
                bail!("writes were stopped {MOST_STOPS} times");
            }
            continue;
        }
        let all = all_candidates(world.engine().store(), world.tenant_id()).await?;
        let underway: Vec<_> = all.iter().filter(|detail| UNDERWAY.contains(&detail.item.state.name())).collect();
        let Some(first) = underway.first() else { return Ok(way) };
        still = if underway.len() < left { 0 } else { still + 1 };
        left = underway.len();
        if still > 40 {
            let mut tx = world.engine().store().read().await?;
            let why = why_no_write(world.engine(), &mut tx).await?;
            let (state, due, outcome) =
                (&first.item.state, first.item.next_due_at, first.writes.last().map(|write| &write.outcome));
            bail!("{} underway, and nothing moves: {why:?}, {state:?}, due {due:?}, {outcome:?}", underway.len());
        }
        world.restart().await;
        // A connection that is tried again later.
        world.advance(120).await;
    }
}

/// Steps until nothing is due for hours, or nothing can be done about what is due.
async fn drain(world: &World) -> Result<()> {
    let mut waited = 0;
    let mut unsent = 0;
    let mut effects = world.sim.journal().await.len();
    for _ in 0..MOST_STEPS {
        match world.step().await {
            Step::Worked => {
                // Working without any effect, over and over, is the writer that keeps away.
                let now = world.sim.journal().await.len();
                unsent = if now > effects { 0 } else { unsent + 1 };
                effects = now;
                if unsent > MOST_UNSENT && waited > 20 {
                    return Ok(());
                }
                waited = 0;
            }
            Step::Waited if waited < MOST_WAITS => waited += 1,
            Step::Waited | Step::Quiet => return Ok(()),
        }
    }
    bail!("not quiet after {MOST_STEPS} steps")
}

/// Two people let writes go on; `false` when they were not frozen.
///
/// # Errors
/// When the database does not answer, or a thaw is refused.
pub async fn thaw(world: &World) -> Result<bool> {
    let mut tx = world.engine().store().read().await?;
    let frozen = freezes::find_freeze(&mut tx, world.tenant_id()).await?.is_some();
    drop(tx);
    if frozen {
        commands::thaw(world.engine(), &world.cast.approver, None).await?;
        commands::thaw(world.engine(), &world.cast.admin, None).await?;
    }
    Ok(frozen)
}

/// Proposes and approves a seat; `None` when something stands in its way from the start, which its
/// candidate then says.
///
/// # Errors
/// When the approval is refused although it is asked for.
pub async fn reclaim(world: &World, seat: SeatKey) -> Result<Option<CandidateId>> {
    let id = world.propose(seat).await;
    if world.state_name(id).await != StateName::AwaitingApproval {
        return Ok(None);
    }
    world.act(&world.cast.approver, id, Action::Approve).await?;
    Ok(Some(id))
}

/// Approves the first `count` idle seats that nothing stands in the way of.
///
/// # Errors
/// When an approval is refused although it is asked for.
pub async fn reclaim_idle(world: &World, count: usize) -> Result<BTreeMap<SeatKey, CandidateId>> {
    let mut taken = BTreeMap::new();
    for seat in world.idle_seats().await {
        if taken.len() == count {
            break;
        }
        if let Some(id) = reclaim(world, seat).await? {
            taken.insert(seat, id);
        }
    }
    Ok(taken)
}

/// The seats found idle now.
pub async fn idle(world: &World) -> BTreeSet<SeatKey> {
    world.seats(FindingKind::Idle).await.iter().map(|item| item.key()).collect()
}

/// Where every candidate stands, by its seat.
///
/// # Errors
/// When the database does not answer.
pub async fn states(world: &World) -> Result<BTreeMap<SeatKey, CandidateState>> {
    let all = all_candidates(world.engine().store(), world.tenant_id()).await?;
    Ok(all.into_iter().map(|detail| (detail.item.key(), detail.item.state)).collect())
}
