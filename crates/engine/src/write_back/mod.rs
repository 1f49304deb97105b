//! The stage that takes approved seats back: fresh read, comparison with what was approved, durable
//! intent, one request, recorded outcome. Nothing is sent without a committed intent that points
//! to an approval of exactly this seat (I1); what nobody knows is left to [`crate::verify`].

use std::time::Duration;

use reseat_domain::candidate::{CandidateEvent, CandidateState, StateName};
use reseat_domain::directory::LicenseState;
use reseat_domain::ids::ApprovalId;
use reseat_domain::plan::IntentState;
use reseat_domain::time::Timestamp;
use reseat_domain::verify::{RemovalReading, read_taking};
use reseat_store::candidates::{Candidate, Move};
use reseat_store::{StoreError, Tx, candidates, intents};

use crate::advance;
use crate::clock::Stopwatch;
use crate::crash::crash_point;
use crate::engine::Engine;
use crate::entitlement::why_lapsed;
use crate::error::EngineError;
use crate::moves::{By, Note, move_candidate};

pub(crate) mod circuit;
mod fresh;
mod intent;
mod permit;
mod progress;
mod recheck;
mod send;

pub(crate) use fresh::read_person;
use intent::{Budget, budget, record_intent};
pub(crate) use permit::may_write_in;
pub use permit::{may_write, why_no_write};
use progress::stop;
pub(crate) use progress::{Progress, taken};
use recheck::{Checked, Planned, Recheck, check_fresh, find_item, lapse, recheck};
pub use send::send;
pub(crate) use send::settled_at_latest;

const STAGE: By<'static> = By::Stage("write_back");

/// Takes back what is approved and due, as far as budget and freeze allow. Gives how many requests
/// were sent.
///
/// # Errors
/// [`EngineError`].
pub async fn run_due(engine: &Engine) -> Result<usize, EngineError> {
    let mut sent = 0;
    loop {
        let now = engine.now();
        if engine.writes_paused(now) || !may_write(engine, now).await? {
            return Ok(sent);
        }
        let held_watch = Stopwatch::start();
        let Some(candidate) = claim(engine, now).await? else { return Ok(sent) };
        match take_back(engine, &candidate, held_watch).await {
            Ok(Step::Sent) => sent += 1,
            Ok(Step::Moved) => {}
            Ok(Step::HeldBack) => return Ok(sent),
            // Somebody kept it, or another server has it by now: nothing was written.
            Err(EngineError::Store(StoreError::Conflict)) => {}
            Err(error) => {
                release(engine, &candidate, 5).await?;
                return Err(error);
            }
        }
    }
}

enum Step {
    /// A request was sent.
    Sent,
    /// The candidate moved without one.
    Moved,
    /// Nothing more may start now.
    HeldBack,
}

async fn claim(engine: &Engine, now: Timestamp) -> Result<Option<Candidate>, EngineError> {
    let mut tx = engine.store().write().await?;
    let lease_until = now.plus_seconds(engine.settings().lease_seconds);
    let states = [StateName::AwaitingRevocation];
    let candidate =
        candidates::claim_due(&mut tx, engine.tenant_id(), &states, &engine.parts().server_id, now, lease_until)
            .await?;
    tx.commit().await?;
    crash_point("claimed");
    Ok(candidate)
}

async fn release(engine: &Engine, candidate: &Candidate, after_seconds: i64) -> Result<(), EngineError> {
    let mut tx = engine.store().write().await?;
    let due = engine.now().plus_seconds(after_seconds);
    match candidates::postpone_candidate(&mut tx, engine.tenant_id(), candidate, Some(due)).await {
        Ok(()) => tx.commit().await?,
        Err(StoreError::Conflict) => {}
        Err(error) => return Err(error.into()),
    }
    Ok(())
}

async fn take_back(engine: &Engine, candidate: &Candidate, held_watch: Stopwatch) -> Result<Step, EngineError> {
    let CandidateState::AwaitingRevocation { approval, manual, .. } = candidate.state else {
        return Err(EngineError::Inconsistent(format!("candidate {} was claimed in another state", candidate.number)));
    };
    if manual {
        // A person removes it; nothing for us to do until they say so.
        let mut tx = engine.store().write().await?;
        candidates::postpone_candidate(&mut tx, engine.tenant_id(), candidate, None).await?;
        tx.commit().await?;
        return Ok(Step::Moved);
    }
    let Some(Planned { item, yes }) = find_item(engine, candidate, approval).await? else {
        release(engine, candidate, 1).await?;
        return Ok(Step::Moved);
    };
    // A look before the read costs nothing; the one that counts is inside the intent's transaction.
    let mut tx = engine.store().read().await?;
    let progress = Progress::of(engine, &mut tx, candidate, &item, approval).await?;
    let budget = budget(engine, &mut tx, candidate, &progress).await?;
    let in_flight = write_in_flight(engine, &mut tx, candidate).await?;
    let lapsed = why_lapsed(engine, &mut tx, candidate, &yes).await?;
    drop(tx);
    if let Some(why) = lapsed {
        let mut tx = engine.store().write().await?;
        lapse(engine, &mut tx, candidate, approval, why).await?;
        tx.commit().await?;
        return Ok(Step::Moved);
    }
    if in_flight {
        release(engine, candidate, engine.settings().read_spacing_seconds.max(1)).await?;
        return Ok(Step::Moved);
    }
    if let Budget::Wait { until, .. } = budget {
        release(engine, candidate, until.seconds_since(engine.now()).max(1)).await?;
        return Ok(Step::HeldBack);
    }

    let fresh = read_person(engine, candidate.seat, item.writes()).await?;
    crash_point("read_before");
    if reopen_earlier(engine, candidate, approval, &progress, fresh.as_ref()).await? {
        return Ok(Step::Moved);
    }
    let before = match check_fresh(engine, candidate, &item, &progress, fresh).await? {
        Checked::Go(state) => state,
        Checked::Event(event, text) => {
            let mut tx = engine.store().write().await?;
            let (event, text) = stop(engine, &mut tx, candidate, event, &text).await?;
            move_candidate(engine, &mut tx, candidate, &event, STAGE, &Note::text(text), Move::default()).await?;
            tx.commit().await?;
            crash_point("stopped_before_write");
            return Ok(Step::Moved);
        }
    };
    let evidence_age = match recheck(engine, candidate, &before).await? {
        Recheck::Fine { age_seconds } => age_seconds,
        Recheck::Canceled(why) => {
            let mut tx = engine.store().write().await?;
            let event = CandidateEvent::Canceled { why };
            let (event, text) = stop(engine, &mut tx, candidate, event, advance::explain(why)).await?;
            let note = Note::with(text, serde_json::json!({ "why": why, "when": "right before the write" }));
            move_candidate(engine, &mut tx, candidate, &event, STAGE, &note, Move::default()).await?;
            tx.commit().await?;
            return Ok(Step::Moved);
        }
        Recheck::NotFresh(why) => {
            tracing::info!(candidate = candidate.number, why, "the write waits for fresh evidence (I10)");
            release(engine, candidate, 30).await?;
            return Ok(Step::HeldBack);
        }
    };

    let Some(intent) = record_intent(engine, candidate, &item, &progress, &yes, before, evidence_age).await? else {
        release(engine, candidate, 1).await?;
        return Ok(Step::HeldBack);
    };
    crash_point("intent_committed");
    if held_watch.elapsed() >= Duration::from_secs(lease_left(engine)) {
        // The lease may be somebody else's by now: leave the intent to evidence.
        return Ok(Step::Moved);
    }
    send(engine, candidate.id, &intent).await?;
    Ok(Step::Sent)
}

/// What was to go is gone, and an earlier request under the same approval was taken for lost because
/// readings lagged: it did happen after all, and can be undone. `false` when there was none, so that
/// somebody else took it, or it is still there.
async fn reopen_earlier(
    engine: &Engine,
    candidate: &Candidate,
    approval: ApprovalId,
    progress: &Progress,
    fresh: Option<&LicenseState>,
) -> Result<bool, EngineError> {
    let Some(state) = fresh else { return Ok(false) };
    let tenant_id = engine.tenant_id();
    let now = engine.now();
    let mut tx = engine.store().read().await?;
    let Some(given_up) = intents::find_given_up(&mut tx, tenant_id, approval).await? else { return Ok(false) };
    let earlier = intents::find_intent(&mut tx, tenant_id, given_up).await?.ok_or_else(|| {
        EngineError::Inconsistent(format!("an intent of candidate {} is not there", candidate.number))
    })?;
    drop(tx);
    // It was sent again since, and that one is proven.
    if progress.done.iter().any(|intent| intent.write == earlier.write) {
        return Ok(false);
    }
    let happened = match read_taking(&earlier.before, candidate.seat.sku_id, &earlier.write, state) {
        RemovalReading::Gone | RemovalReading::GoneAndMore(_) | RemovalReading::Following => true,
        RemovalReading::StillThere | RemovalReading::Reassigned | RemovalReading::Between => false,
    };
    if !happened {
        return Ok(false);
    }
    let intent = earlier.id;
    let mut tx = engine.store().write().await?;
    let words = "unknown: the license is gone after all";
    intents::record_outcome(&mut tx, tenant_id, intent, IntentState::Unknown, None, words, now).await?;
    let note = Note::with(
        "The license is gone: the earlier request happened after all, and is being verified.",
        serde_json::json!({ "intent": intent, "approval": approval }),
    );
    let event = CandidateEvent::WriteStarts { intent };
    let change = Move { next_due_at: Some(now), ..Move::default() };
    move_candidate(engine, &mut tx, candidate, &event, STAGE, &note, change).await?;
    tx.commit().await?;
    crash_point("reopened");
    Ok(true)
}

/// Whether another seat of the same person is being written just now: its turn comes first.
async fn write_in_flight(engine: &Engine, tx: &mut Tx, candidate: &Candidate) -> Result<bool, EngineError> {
    let user_id = candidate.seat.user_id;
    Ok(candidates::has_write_in_flight(tx, engine.tenant_id(), user_id, candidate.id).await?)
}

/// How many seconds of a lease may be gone before a request that takes its full deadline no longer
/// fits.
fn lease_left(engine: &Engine) -> u64 {
    let settings = engine.settings();
    u64::try_from(settings.lease_seconds).unwrap_or(0).saturating_sub(settings.write_deadline_seconds)
}
