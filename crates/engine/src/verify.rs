//! The stage that looks whether a write happened. What nobody knows is left only by evidence: after
//! the settle time, two agreeing readings, spaced apart (G22, G23). A restore is sent from here
//! too, because its intent is already durable.

use reseat_domain::candidate::{Attention, CandidateEvent, CandidateState, StateName};
use reseat_domain::directory::LicenseState;
use reseat_domain::plan::{IntentState, PlanItemKind};
use reseat_domain::time::Timestamp;
use reseat_domain::verify::{RemovalReading, read_taking};
use reseat_store::candidates::{Candidate, Move};
use reseat_store::intents::Intent;
use reseat_store::{StoreError, Tx, candidates, findings, intents, plans};

use crate::crash::crash_point;
use crate::engine::Engine;
use crate::error::EngineError;
use crate::moves::{By, Note, move_candidate};
use crate::write_back::circuit::{self, FAILED_PROOF, Verdict};
use crate::write_back::{Progress, read_person};

mod restore;

use restore::{judge_restore, send_restore};

const STAGE: By<'static> = By::Stage("verify");

/// How many readings have to say the same.
const AGREEING: i64 = 2;

/// Reads every person whose write is due to be looked at. Gives how many.
///
/// # Errors
/// [`EngineError`].
pub async fn run_due(engine: &Engine) -> Result<usize, EngineError> {
    let mut read = 0;
    loop {
        let now = engine.now();
        let mut tx = engine.store().write().await?;
        let states = [StateName::Revoking, StateName::Verifying, StateName::Restoring];
        let lease_until = now.plus_seconds(engine.settings().lease_seconds);
        let server = &engine.parts().server_id;
        let claimed = candidates::claim_due(&mut tx, engine.tenant_id(), &states, server, now, lease_until).await?;
        tx.commit().await?;
        let Some(candidate) = claimed else { return Ok(read) };
        match look(engine, &candidate).await {
            Ok(Looked::Done) => read += 1,
            Ok(Looked::Held) => {}
            Err(EngineError::Store(StoreError::Conflict)) => {}
            Err(error) => {
                let mut tx = engine.store().write().await?;
                let due = engine.now().plus_seconds(engine.settings().read_spacing_seconds.max(1));
                if candidates::postpone_candidate(&mut tx, engine.tenant_id(), &candidate, Some(due)).await.is_ok() {
                    tx.commit().await?;
                }
                return Err(error);
            }
        }
    }
}

enum Looked {
    /// A reading was taken, or a restore was sent.
    Done,
    /// A restore is held back, by a freeze or by Microsoft.
    Held,
}

async fn look(engine: &Engine, candidate: &Candidate) -> Result<Looked, EngineError> {
    let (intent_id, since) = match &candidate.state {
        CandidateState::Revoking { intent, since, .. }
        | CandidateState::Verifying { intent, since, .. }
        | CandidateState::Restoring { intent, since } => (*intent, *since),
        CandidateState::Ready
        | CandidateState::AttentionRequired { .. }
        | CandidateState::AwaitingUser { .. }
        | CandidateState::AwaitingApproval { .. }
        | CandidateState::InReview { .. }
        | CandidateState::AwaitingRevocation { .. }
        | CandidateState::ClosedComplete { .. }
        | CandidateState::ClosedRestored { .. }
        | CandidateState::ClosedSkipped { .. }
        | CandidateState::ClosedCanceled { .. } => {
            return Err(EngineError::Inconsistent(format!("candidate {} has nothing to verify", candidate.number)));
        }
    };
    let mut tx = engine.store().read().await?;
    let intent = intents::find_intent(&mut tx, engine.tenant_id(), intent_id).await?.ok_or_else(|| {
        EngineError::Inconsistent(format!("the intent of candidate {} is not there", candidate.number))
    })?;
    drop(tx);
    if intent.kind == PlanItemKind::Restore {
        if intent.sends == 0 || intent.state == IntentState::NotSent {
            return send_restore(engine, candidate, &intent).await;
        }
        let state = read_person(engine, candidate.seat, std::iter::once(&intent.write)).await?;
        crash_point("read_restore");
        judge_restore(engine, candidate, &intent, since, state).await?;
        return Ok(Looked::Done);
    }
    let state = read_person(engine, candidate.seat, std::iter::once(&intent.write)).await?;
    crash_point("read_after");
    judge_removal(engine, candidate, &intent, since, state).await?;
    Ok(Looked::Done)
}

/// A reading as the word it is counted under.
fn removal_word(reading: &RemovalReading) -> &'static str {
    match reading {
        RemovalReading::Gone => "gone",
        RemovalReading::StillThere => "still_there",
        RemovalReading::Reassigned => "reassigned",
        RemovalReading::GoneAndMore(_) => "gone_and_more",
        RemovalReading::Between => "between",
        RemovalReading::Following => "following",
    }
}

/// Counts a reading: the same word in a row adds up, another one starts again.
async fn count(engine: &Engine, tx: &mut Tx, intent: &Intent, word: &str) -> Result<i64, EngineError> {
    let agreeing = if intent.last_reading.as_deref() == Some(word) { intent.agreeing_reads + 1 } else { 1 };
    intents::record_reading(tx, engine.tenant_id(), intent.id, word, agreeing, engine.now()).await?;
    Ok(agreeing)
}

async fn judge_removal(
    engine: &Engine,
    candidate: &Candidate,
    intent: &Intent,
    since: Timestamp,
    state: Option<LicenseState>,
) -> Result<(), EngineError> {
    let tenant_id = engine.tenant_id();
    let now = engine.now();
    // An account that is gone holds nothing any more; one reading of that may be a lagging replica.
    let (reading, word) = match &state {
        Some(state) => {
            let reading = read_taking(&intent.before, candidate.seat.sku_id, &intent.write, state);
            let word = removal_word(&reading);
            (reading, word)
        }
        None => (RemovalReading::Gone, "account_gone"),
    };
    let mut tx = engine.store().write().await?;
    let agreeing = count(engine, &mut tx, intent, word).await?;
    let unknown = matches!(candidate.state, CandidateState::Revoking { .. });
    let overdue = now.seconds_since(since) >= engine.settings().unknown_after_seconds;
    let facts = serde_json::json!({ "intent": intent.id, "reading": word, "agreeing_reads": agreeing });
    let settled = match reading {
        // The license went with the account. Whether a request nobody knows of had taken it before, nobody
        // can tell any more: no removal and no saving of ours.
        RemovalReading::Gone if state.is_none() && intent.state != IntentState::Accepted => {
            let note =
                Note::with("The account is gone; whether the removal had happened before, nobody can tell.", facts);
            let event = CandidateEvent::ProofFailed { cause: Attention::NotProven };
            (agreeing >= AGREEING).then_some((event, IntentState::SettledOtherwise, note))
        }
        RemovalReading::Gone | RemovalReading::Following if unknown => {
            let note = Note::with("A reading shows that it happened; one more has to agree.", facts);
            let change = Move { next_due_at: Some(next_read(engine, now)), ..Move::default() };
            move_candidate(engine, &mut tx, candidate, &CandidateEvent::WriteHappened, STAGE, &note, change).await?;
            tx.commit().await?;
            crash_point("seen_gone");
            return Ok(());
        }
        RemovalReading::Gone if agreeing >= AGREEING && more_to_write(engine, &mut tx, candidate, intent).await? => {
            Some((
                CandidateEvent::StepProven,
                IntentState::Proven,
                Note::with(
                    "Proven: two readings agree on this write and nothing else changed; the next one is due.",
                    facts,
                ),
            ))
        }
        RemovalReading::Gone if agreeing >= AGREEING => Some((
            CandidateEvent::ProvenGone,
            IntentState::Proven,
            Note::with("Proven: two readings agree that the license is gone and nothing else changed.", facts),
        )),
        RemovalReading::StillThere if unknown && agreeing >= AGREEING => Some((
            CandidateEvent::WriteDidNotHappen,
            IntentState::SettledOtherwise,
            Note::with("Two readings agree that the removal did not happen; it is tried again.", facts),
        )),
        RemovalReading::Reassigned if agreeing >= AGREEING => {
            let cause = Attention::ReassignedByOther;
            let text = cause.explain().0;
            Some((CandidateEvent::ProofFailed { cause }, IntentState::SettledOtherwise, Note::with(text, facts)))
        }
        RemovalReading::GoneAndMore(difference) if agreeing >= AGREEING => {
            let cause = Attention::SomethingElseChanged { difference };
            let text = cause.explain().0;
            Some((CandidateEvent::ProofFailed { cause }, IntentState::SettledOtherwise, Note::with(text, facts)))
        }
        RemovalReading::Gone
        | RemovalReading::StillThere
        | RemovalReading::Reassigned
        | RemovalReading::GoneAndMore(_)
        | RemovalReading::Following
        | RemovalReading::Between => (overdue && !unknown).then(|| {
            let cause = Attention::NotProven;
            let text = cause.explain().0;
            (CandidateEvent::ProofFailed { cause }, IntentState::SettledOtherwise, Note::with(text, facts))
        }),
    };
    match settled {
        Some((event, intent_state, note)) => {
            settle(engine, &mut tx, candidate, intent, &event, intent_state, &note).await?;
            if event == CandidateEvent::ProvenGone {
                findings::delete_seat(&mut tx, tenant_id, candidate.seat).await?;
                // What waited for this proof may go on.
                candidates::make_due(&mut tx, tenant_id, StateName::AwaitingRevocation, now).await?;
            }
        }
        None => {
            candidates::postpone_candidate(&mut tx, tenant_id, candidate, Some(next_read(engine, now))).await?;
        }
    }
    tx.commit().await?;
    crash_point("settled");
    Ok(())
}

/// Whether this write is not the last one of what was approved. Without the plan nobody can tell, and nothing is
/// concluded.
async fn more_to_write(
    engine: &Engine,
    tx: &mut Tx,
    candidate: &Candidate,
    intent: &Intent,
) -> Result<bool, EngineError> {
    let found = plans::find_applied_item(tx, engine.tenant_id(), candidate.id, intent.approval_id).await?;
    let Some((_, item)) = found else {
        return Err(EngineError::Inconsistent(format!("the plan of candidate {} is not there", candidate.number)));
    };
    let done = Progress::of(engine, tx, candidate, &item, intent.approval_id).await?.done.len();
    Ok(done + 1 < item.writes().count())
}

fn next_read(engine: &Engine, now: Timestamp) -> Timestamp {
    now.plus_seconds(engine.settings().read_spacing_seconds.max(1))
}

async fn settle(
    engine: &Engine,
    tx: &mut Tx,
    candidate: &Candidate,
    intent: &Intent,
    event: &CandidateEvent,
    intent_state: IntentState,
    note: &Note,
) -> Result<(), EngineError> {
    let now = engine.now();
    let (words, verdict) = outcome_of(event, intent_state);
    intents::record_outcome(tx, engine.tenant_id(), intent.id, intent_state, None, &words, now).await?;
    circuit::look(engine, tx, intent.id, verdict).await?;
    // What was given back is left alone for a while before it may be found again.
    let restored = *event == CandidateEvent::ProvenRestored;
    let keep_until = restored.then(|| now.plus_days(engine.settings().cool_down_days));
    move_candidate(engine, tx, candidate, event, STAGE, note, Move { keep_until, ..Move::default() }).await?;
    Ok(())
}

/// How the outcome of an intent is recorded, and what the breaker makes of it. What somebody else did meanwhile is
/// no fault of a write; a write after which something else differs stops all others.
fn outcome_of(event: &CandidateEvent, state: IntentState) -> (String, Verdict) {
    if let CandidateEvent::ProofFailed { cause: Attention::SomethingElseChanged { .. } } = event {
        return (format!("{FAILED_PROOF}something else changed"), Verdict::Alarm);
    }
    if let CandidateEvent::ProofFailed { cause: Attention::NotProven } = event {
        return (format!("{FAILED_PROOF}not proven"), Verdict::Bad);
    }
    let proven = state == IntentState::Proven;
    (state.as_str().to_owned(), if proven { Verdict::Good } else { Verdict::Nothing })
}
