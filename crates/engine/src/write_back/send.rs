//! The one request of an intent, and what its answer means.

use std::time::Duration;

use reseat_connectors::{Refusal, WriteOutcome};
use reseat_domain::candidate::{Attention, CandidateEvent};
use reseat_domain::plan::{IntentState, PlanItemKind};
use reseat_domain::time::Timestamp;
use reseat_store::candidates::Move;
use reseat_store::intents::Intent;
use reseat_store::trail::Log;
use reseat_store::{candidates, intents};

use crate::commands::candidate_entry;
use crate::connections;
use crate::crash::crash_point;
use crate::engine::Engine;
use crate::error::EngineError;
use crate::moves::{Note, move_candidate};
use crate::write_back::STAGE;
use crate::write_back::circuit::{self, Verdict};
use crate::write_back::progress::stop;

/// How long a writer asks for that cannot sign in.
const SIGN_IN_PAUSE: Duration = Duration::from_secs(300);

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
    let outcome = engine.writer().write(&intent.write, intent.client_request_id, deadline).await;
    crash_point("answered");
    let writer_problem = if is_about_the_app(&outcome) { writer_problem(engine).await } else { None };
    let tenant_id = engine.tenant_id();
    let now = engine.now();
    let mut tx = engine.store().write().await?;
    let Some(candidate) = candidates::find_candidate(&mut tx, tenant_id, candidate_id).await? else {
        return Err(EngineError::Inconsistent(format!("candidate {candidate_id} vanished during its write")));
    };
    let recorded = judge_outcome(engine, intent, &outcome, writer_problem, now);
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
    let breaker = verdict(&recorded);
    match recorded.event {
        Some(event) => {
            let (event, text) = match event {
                CandidateEvent::WriteFailed { .. } => stop(engine, &mut tx, &candidate, event, &recorded.text).await?,
                other => (other, recorded.text),
            };
            let note = Note::with(text, facts);
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
    circuit::look(engine, &mut tx, intent.id, breaker).await?;
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
fn judge_outcome(
    engine: &Engine,
    intent: &Intent,
    outcome: &WriteOutcome,
    writer_problem: Option<String>,
    now: Timestamp,
) -> Recorded {
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
            // The membership is there already, whoever made it: reading tells what came of it.
            if *reason == Refusal::AlreadyMember && restore {
                return unknown("unknown: a member already".to_owned());
            }
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
            // The app lost its right (X8), or the person it acts for their role (X7): nothing is wrong with this seat,
            // and nothing more is written before somebody has seen to it.
            if let Some(problem) = writer_problem.filter(|_| !restore) {
                return Recorded {
                    state: IntentState::Refused,
                    request_id: None,
                    words: "refused: the writer may not write".to_owned(),
                    event: Some(CandidateEvent::WriteDidNotHappen),
                    text: format!("{problem}. The removal waits."),
                    next_due_at: Some(settle),
                };
            }
            let cause = match reason {
                Refusal::NoSeats => Attention::NoFreeSeat,
                Refusal::Forbidden if intent.write.group_id().is_some() => Attention::WriteRefused {
                    message: format!(
                        "{message} (this program may not change the group's members: GroupMember.ReadWrite.All is \
                         missing, or the group is protected)"
                    ),
                },
                Refusal::Forbidden => {
                    Attention::Protected { why: "Microsoft refuses changes to this account".to_owned() }
                }
                Refusal::NotHeld
                | Refusal::Inherited
                | Refusal::UsageLocation
                | Refusal::Dependency { .. }
                | Refusal::Exclusive
                | Refusal::NotCompanySku
                | Refusal::CompanyWide
                | Refusal::UserNotFound
                | Refusal::NotAMember
                | Refusal::AlreadyMember
                | Refusal::DynamicGroup
                | Refusal::SyncedGroup
                | Refusal::MailEnabledGroup
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

/// Whether an answer may be about the app, and not about one person: it was refused for want of rights, or the app
/// could not sign in at all (the writer then asks for as long a pause).
fn is_about_the_app(outcome: &WriteOutcome) -> bool {
    match outcome {
        WriteOutcome::Refused { reason, .. } => *reason == Refusal::Forbidden,
        WriteOutcome::NotSent { retry_after, .. } => retry_after.is_some_and(|wait| wait >= SIGN_IN_PAUSE),
        WriteOutcome::Accepted { .. } | WriteOutcome::Unknown { .. } => false,
    }
}

/// What is wrong with the writer, by a look at it. An answer is recorded whatever that look comes to.
async fn writer_problem(engine: &Engine) -> Option<String> {
    match connections::writer_trouble(engine).await {
        Ok(problem) => problem,
        Err(error) => {
            tracing::warn!(error = %error, "the writer could not be looked at");
            None
        }
    }
}

/// Whether a refusal says that somebody else changed how the license is held.
const fn held_otherwise(reason: &Refusal) -> bool {
    match reason {
        Refusal::NotHeld | Refusal::Inherited | Refusal::UserNotFound | Refusal::NotAMember => true,
        Refusal::AlreadyMember
        | Refusal::CompanyWide
        | Refusal::DynamicGroup
        | Refusal::SyncedGroup
        | Refusal::MailEnabledGroup
        | Refusal::NoSeats
        | Refusal::UsageLocation
        | Refusal::Dependency { .. }
        | Refusal::Exclusive
        | Refusal::NotCompanySku
        | Refusal::Forbidden
        | Refusal::Other => false,
    }
}

/// What the breaker makes of an answer. One that reading settles is looked at then.
fn verdict(recorded: &Recorded) -> Verdict {
    match recorded.state {
        IntentState::Refused if recorded.words == "refused: not held that way" => Verdict::Nothing,
        IntentState::Refused if recorded.words == "refused: the writer may not write" => Verdict::Nothing,
        IntentState::Refused => Verdict::Bad,
        IntentState::NotSent => Verdict::Nothing,
        IntentState::Proven => Verdict::Good,
        IntentState::Intended | IntentState::Accepted | IntentState::Unknown | IntentState::SettledOtherwise => {
            Verdict::Open
        }
    }
}
