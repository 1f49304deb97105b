//! The one request of an intent, and what its answer means.

use std::time::Duration;

use reseat_connectors::{Refusal, WriteOutcome};
use reseat_domain::candidate::{Attention, CandidateEvent};
use reseat_domain::plan::{IntentState, PlanItemKind};
use reseat_domain::time::Timestamp;
use reseat_store::candidates::Move;
use reseat_store::intents::Intent;
use reseat_store::trail::Log;
use reseat_store::{Tx, candidates, freezes, intents};

use crate::commands::candidate_entry;
use crate::crash::crash_point;
use crate::engine::Engine;
use crate::error::EngineError;
use crate::moves::{By, Note, move_candidate};
use crate::write_back::STAGE;

/// When a request that starts now has been answered or given up, and has settled.
pub(crate) fn settled_at_latest(engine: &Engine, now: Timestamp) -> Timestamp {
    let settings = engine.settings();
    let deadline = i64::try_from(settings.write_deadline_seconds).unwrap_or(i64::MAX);
    now.plus_seconds(deadline.saturating_add(settings.settle_seconds))
}

/// Sends the one request of an intent and records what became of it.
///
/// # Errors
/// [`EngineError::Store`]; the intent then stays to be settled by evidence.
pub async fn send(
    engine: &Engine,
    candidate_id: reseat_domain::ids::CandidateId,
    intent: &Intent,
) -> Result<(), EngineError> {
    let deadline = Duration::from_secs(engine.settings().write_deadline_seconds);
    let outcome = engine.parts().writer.write(&intent.write, intent.client_request_id, deadline).await;
    crash_point("answered");
    let tenant_id = engine.tenant_id();
    let now = engine.now();
    let mut tx = engine.store().write().await?;
    let Some(candidate) = candidates::find_candidate(&mut tx, tenant_id, candidate_id).await? else {
        return Err(EngineError::Inconsistent(format!("candidate {candidate_id} vanished during its write")));
    };
    let recorded = judge_outcome(engine, intent, &outcome, now);
    let facts =
        serde_json::json!({ "intent": intent.id, "outcome": recorded.words, "request_id": recorded.request_id });
    if candidate.state.intent() != Some(intent.id) {
        // Evidence settled it while we slept, and another write may be on its way: this answer is about
        // neither. If it had an effect after all, reading finds it.
        let note = Note::with("An answer came after the write had been settled by reading.", facts);
        let draft = candidate_entry(engine, STAGE, "candidate.late_answer", &candidate, &note);
        engine.append_audit(&mut tx, Log::Tenant(tenant_id), &draft).await?;
        tx.commit().await?;
        return Ok(());
    }
    intents::record_outcome(
        &mut tx,
        tenant_id,
        intent.id,
        recorded.state,
        recorded.request_id.as_deref(),
        &recorded.words,
        now,
    )
    .await?;
    match recorded.event {
        Some(event) => {
            let note = Note::with(recorded.text, facts);
            let change = Move { next_due_at: recorded.next_due_at, ..Move::default() };
            move_candidate(engine, &mut tx, &candidate, &event, STAGE, &note, change).await?;
        }
        None => {
            let (verb, text) = told_as(intent.kind == PlanItemKind::Restore, recorded.state);
            let draft = candidate_entry(engine, STAGE, verb, &candidate, &Note::with(text, facts));
            engine.append_audit(&mut tx, Log::Tenant(tenant_id), &draft).await?;
            candidates::postpone_candidate(&mut tx, tenant_id, &candidate, recorded.next_due_at).await?;
        }
    }
    open_circuit_if_needed(engine, &mut tx).await?;
    tx.commit().await?;
    crash_point("outcome_recorded");
    Ok(())
}

struct Recorded {
    state: IntentState,
    request_id: Option<String>,
    words: String,
    event: Option<CandidateEvent>,
    text: String,
    next_due_at: Option<Timestamp>,
}

/// How the trail tells of an answer that does not move the candidate (I7).
const fn told_as(restore: bool, state: IntentState) -> (&'static str, &'static str) {
    match state {
        IntentState::Accepted => {
            ("candidate.restore_accepted", "Microsoft accepted the restore; it is being verified.")
        }
        IntentState::NotSent => ("candidate.restore_not_sent", "The restore was not sent; it is tried again."),
        IntentState::Intended
        | IntentState::Unknown
        | IntentState::Refused
        | IntentState::Proven
        | IntentState::SettledOtherwise => {
            if restore {
                ("candidate.restore_unknown", "Nobody knows yet whether the restore happened; reading will tell.")
            } else {
                ("candidate.write_unknown", "Nobody knows yet whether the removal happened; reading will tell.")
            }
        }
    }
}

/// What an answer means for a removal or a restore. Only what is known for certain moves the
/// candidate; the rest is settled by reading.
fn judge_outcome(engine: &Engine, intent: &Intent, outcome: &WriteOutcome, now: Timestamp) -> Recorded {
    let restore = intent.kind == PlanItemKind::Restore;
    let settle = now.plus_seconds(engine.settings().settle_seconds);
    let unknown = |words: String| Recorded {
        state: IntentState::Unknown,
        request_id: None,
        words,
        event: None,
        text: String::new(),
        next_due_at: Some(settle),
    };
    match outcome {
        WriteOutcome::Accepted { request_id } => Recorded {
            state: IntentState::Accepted,
            request_id: request_id.clone(),
            words: "accepted".to_owned(),
            event: (!restore).then_some(CandidateEvent::WriteHappened),
            text: "Microsoft accepted the removal; it is being verified.".to_owned(),
            next_due_at: Some(settle),
        },
        WriteOutcome::Unknown { why, .. } => unknown(format!("unknown: {why}")),
        WriteOutcome::NotSent { why, retry_after } => {
            let wait = retry_after.map_or(10, |wait| i64::try_from(wait.as_secs()).unwrap_or(300)).clamp(1, 3_600);
            let next = now.plus_seconds(wait);
            if retry_after.is_some() {
                engine.pause_writes_until(next);
            }
            Recorded {
                state: IntentState::NotSent,
                request_id: None,
                words: format!("not sent: {why}"),
                event: (!restore).then_some(CandidateEvent::WriteDidNotHappen),
                text: format!("Nothing was sent: {why}. It is tried again."),
                next_due_at: Some(next),
            }
        }
        WriteOutcome::Refused { reason, message, .. } => {
            // It is not held the way it was read a moment ago. Nothing happened by this request; a
            // fresh reading says what is so now (G27, G34, G37, G38).
            if !restore && held_otherwise(reason) {
                return Recorded {
                    state: IntentState::Refused,
                    request_id: None,
                    words: "refused: not held that way".to_owned(),
                    event: Some(CandidateEvent::WriteDidNotHappen),
                    text: format!("Microsoft refused the removal ({message}); the license is looked at again."),
                    next_due_at: Some(settle),
                };
            }
            let cause = match reason {
                Refusal::NoSeats => Attention::NoFreeSeat,
                Refusal::Forbidden => {
                    Attention::Protected { why: "Microsoft refuses changes to this account".to_owned() }
                }
                Refusal::NotHeld
                | Refusal::Inherited
                | Refusal::UsageLocation
                | Refusal::Dependency { .. }
                | Refusal::Exclusive
                | Refusal::NotCompanySku
                | Refusal::UserNotFound
                | Refusal::Other => Attention::WriteRefused { message: message.clone() },
            };
            let text = cause.explain().0;
            let event =
                if restore { CandidateEvent::RestoreFailed { cause } } else { CandidateEvent::WriteFailed { cause } };
            Recorded {
                state: IntentState::Refused,
                request_id: None,
                words: format!("refused: {}", if *reason == Refusal::Forbidden { "forbidden" } else { "by Microsoft" }),
                event: Some(event),
                text,
                next_due_at: None,
            }
        }
    }
}

/// Whether a refusal says that somebody else changed how the license is held.
const fn held_otherwise(reason: &Refusal) -> bool {
    match reason {
        Refusal::NotHeld | Refusal::Inherited | Refusal::UserNotFound => true,
        Refusal::NoSeats
        | Refusal::UsageLocation
        | Refusal::Dependency { .. }
        | Refusal::Exclusive
        | Refusal::NotCompanySku
        | Refusal::Forbidden
        | Refusal::Other => false,
    }
}

/// Three unexpected answers in a row freeze all writes: something about the connection is wrong,
/// not about one person (G13, G15).
async fn open_circuit_if_needed(engine: &Engine, tx: &mut Tx) -> Result<(), EngineError> {
    let tenant_id = engine.tenant_id();
    let last = intents::list_last_outcomes(tx, tenant_id, 3).await?;
    let forbidden = last.len() == 3 && last.iter().all(|words| words == "refused: forbidden");
    if !forbidden || freezes::find_freeze(tx, tenant_id).await?.is_some() {
        return Ok(());
    }
    let reason = "Microsoft refused three removals in a row; the writer connection has lost its right";
    freezes::freeze(tx, tenant_id, reason, "circuit breaker", engine.now()).await?;
    let draft = crate::moves::entry(
        engine,
        By::Stage("circuit_breaker"),
        "writes.frozen",
        ("tenant", &tenant_id.to_string()),
        &Note::text(reason),
    );
    engine.append_audit(tx, Log::Tenant(tenant_id), &draft).await?;
    Ok(())
}
