//! Giving back what was taken: one write after the other, each with an intent of its own, and each proven by reading
//! before the next.

use reseat_domain::candidate::{Attention, CandidateEvent};
use reseat_domain::directory::{LicenseState, Via};
use reseat_domain::ids::{IntentId, SkuId};
use reseat_domain::plan::{IntentState, Write, after_write, undo_writes, writes_binding};
use reseat_domain::time::Timestamp;
use reseat_domain::verify::{RestoreReading, given_already, read_giving};
use reseat_store::candidates::{Candidate, Move};
use reseat_store::intents::Intent;
use reseat_store::trail::Log;
use reseat_store::{Tx, approvals, candidates, dialect, integration, intents};

use crate::commands::candidate_entry;
use crate::crash::crash_point;
use crate::engine::Engine;
use crate::error::EngineError;
use crate::moves::{Note, move_candidate};
use crate::task::Task;
use crate::verify::{AGREEING, Looked, STAGE, count, next_read, settle};
use crate::write_back::circuit::{self, Verdict};
use crate::write_back::{may_write, may_write_in, read_person, send, settled_at_latest, taken};

/// How often a restore may be sent when evidence shows that it did not happen.
const RESTORE_SENDS: i64 = 3;

pub(super) async fn send_restore(
    engine: &Engine,
    candidate: &Candidate,
    intent: &Intent,
) -> Result<Looked, EngineError> {
    let tenant_id = engine.tenant_id();
    let now = engine.now();
    let postpone = |seconds: i64| Some(now.plus_seconds(seconds));
    if engine.writes_paused(now) || !may_write(engine, now).await? {
        return postpone_restore(engine, candidate, postpone(5)).await;
    }
    // If somebody gave the license back already, sending would only replace what they chose.
    let state = read_person(engine, candidate.seat, std::iter::once(&intent.write)).await?;
    let held = state.as_ref().is_some_and(|state| given_already(&intent.write, state));
    if let Some(state) = state.as_ref().filter(|_| !held)
        && no_seat_for_members(engine, intent, state).await?
    {
        return without_a_seat(engine, candidate, intent).await;
    }
    let expected =
        state.map_or_else(|| intent.before.clone(), |fresh| after_write(&fresh, &intent.write, &intent.before));
    let mut tx = engine.store().write().await?;
    dialect::lock_tenant_writes(&mut tx, tenant_id).await?;
    if !may_write_in(engine, &mut tx, now).await? {
        // A freeze holds restores too.
        drop(tx);
        return postpone_restore(engine, candidate, postpone(5)).await;
    }
    if candidates::has_write_in_flight(&mut tx, tenant_id, candidate.seat.user_id, candidate.id).await? {
        drop(tx);
        return postpone_restore(engine, candidate, postpone(engine.settings().read_spacing_seconds.max(1))).await;
    }
    intents::record_send(&mut tx, tenant_id, intent.id, &expected).await?;
    if !held {
        circuit::begin(engine, &mut tx, intent.id).await?;
    }
    if held {
        let words = "not sent: the license is held again already";
        intents::record_outcome(&mut tx, tenant_id, intent.id, IntentState::Unknown, None, words, now).await?;
        tell(
            engine,
            &mut tx,
            candidate,
            intent,
            "candidate.restore_not_needed",
            "Not sent: the license is held again.",
        )
        .await?;
        candidates::postpone_candidate(&mut tx, tenant_id, candidate, Some(now)).await?;
        tx.commit().await?;
        return Ok(Looked::Done);
    }
    tell(engine, &mut tx, candidate, intent, "candidate.restore_sent", "The restore is about to be sent.").await?;
    candidates::postpone_candidate(&mut tx, tenant_id, candidate, Some(settled_at_latest(engine, now))).await?;
    tx.commit().await?;
    crash_point("restore_send_recorded");
    send(engine, candidate.id, intent).await?;
    Ok(Looked::Done)
}

/// Whether a membership would give a license of which no seat is free. Microsoft would take the membership and leave
/// the license in error, so this is looked at before (G44).
async fn no_seat_for_members(engine: &Engine, intent: &Intent, state: &LicenseState) -> Result<bool, EngineError> {
    let Write::JoinGroup { group_id, .. } = &intent.write else { return Ok(false) };
    let via = Via::Group { group_id: *group_id };
    let wanted: Vec<SkuId> = intent
        .before
        .paths
        .iter()
        .filter(|(sku, paths)| !state.assigned.contains_key(sku) && paths.iter().any(|path| path.via == via))
        .map(|(sku, _)| *sku)
        .collect();
    if wanted.is_empty() {
        return Ok(false);
    }
    let skus = engine.reader()?.skus().await?;
    Ok(skus.iter().any(|sku| wanted.contains(&sku.sku_id) && sku.free() <= 0))
}

async fn without_a_seat(engine: &Engine, candidate: &Candidate, intent: &Intent) -> Result<Looked, EngineError> {
    let cause = Attention::NoFreeSeat;
    let note = Note::with(cause.explain().0, serde_json::json!({ "intent": intent.id }));
    let event = CandidateEvent::RestoreFailed { cause };
    let mut tx = engine.store().write().await?;
    let words = "not sent: no seat is free";
    let state = IntentState::NotSent;
    intents::record_outcome(&mut tx, engine.tenant_id(), intent.id, state, None, words, engine.now()).await?;
    move_candidate(engine, &mut tx, candidate, &event, STAGE, &note, Move::default()).await?;
    tx.commit().await?;
    Ok(Looked::Done)
}

/// Tells the trail of a step of a restore that moves no candidate (I7).
async fn tell(
    engine: &Engine,
    tx: &mut Tx,
    candidate: &Candidate,
    intent: &Intent,
    verb: &str,
    text: &str,
) -> Result<(), EngineError> {
    let note = Note::with(text, serde_json::json!({ "intent": intent.id, "approval": intent.approval_id }));
    let draft = candidate_entry(engine, STAGE, verb, candidate, &note);
    engine.append_audit(tx, Log::Tenant(engine.tenant_id()), &draft).await?;
    Ok(())
}

/// Whether a restore that reading shows not to have happened may be sent again under the same yes. What
/// was accepted may have been undone by somebody since, and what was given up once is a person's to
/// begin anew.
const fn may_send_again(state: IntentState) -> bool {
    match state {
        IntentState::Intended | IntentState::Unknown | IntentState::Refused | IntentState::NotSent => true,
        IntentState::Accepted | IntentState::Proven | IntentState::SettledOtherwise => false,
    }
}

async fn postpone_restore(
    engine: &Engine,
    candidate: &Candidate,
    due: Option<Timestamp>,
) -> Result<Looked, EngineError> {
    let mut tx = engine.store().write().await?;
    candidates::postpone_candidate(&mut tx, engine.tenant_id(), candidate, due).await?;
    tx.commit().await?;
    Ok(Looked::Held)
}

/// The next write of an undo that takes several, with its intent made durable; `None` when that was the last one.
async fn next_undo(
    engine: &Engine,
    tx: &mut Tx,
    candidate: &Candidate,
    intent: &Intent,
) -> Result<Option<Intent>, EngineError> {
    let tenant_id = engine.tenant_id();
    let now = engine.now();
    let broken = || EngineError::Inconsistent(format!("what candidate {} undoes is not there", candidate.number));
    let (before, written) = taken(engine, tx, candidate).await?.ok_or_else(broken)?;
    let undo = undo_writes(&before, written.iter()).map_err(|_| broken())?;
    let Some(at) = undo.iter().position(|write| *write == intent.write) else { return Err(broken()) };
    let Some(write) = undo.get(at + 1).cloned() else { return Ok(None) };
    let approval = approvals::find_approval(tx, tenant_id, intent.approval_id).await?.ok_or_else(broken)?;
    if approval.binding != writes_binding(&undo) {
        return Err(broken());
    }
    let next = Intent {
        id: IntentId::new(now, engine.random()),
        write,
        before,
        state: IntentState::Intended,
        client_request_id: IntentId::new(now, engine.random()).as_uuid(),
        sends: 0,
        agreeing_reads: 0,
        last_reading: None,
        last_read_at: None,
        created_at: now,
        outcome_at: None,
        ..intent.clone()
    };
    Ok(Some(next))
}

pub(super) async fn judge_restore(
    engine: &Engine,
    candidate: &Candidate,
    intent: &Intent,
    since: Timestamp,
    state: Option<LicenseState>,
) -> Result<(), EngineError> {
    let now = engine.now();
    let reading = match &state {
        Some(state) => read_giving(&intent.before, candidate.seat.sku_id, &intent.write, state),
        None => RestoreReading::Differs("the account is gone".to_owned()),
    };
    let word = match &reading {
        RestoreReading::Restored => "restored",
        RestoreReading::Following => "following",
        RestoreReading::StillGone => "still_gone",
        RestoreReading::Differs(_) => "differs",
    };
    let mut tx = engine.store().write().await?;
    let agreeing = count(engine, &mut tx, intent, word).await?;
    let overdue = now.seconds_since(since) >= engine.settings().unknown_after_seconds;
    let facts = serde_json::json!({ "intent": intent.id, "reading": word, "agreeing_reads": agreeing });
    if reading == RestoreReading::Restored
        && agreeing >= AGREEING
        && let Some(next) = next_undo(engine, &mut tx, candidate, intent).await?
    {
        let words = IntentState::Proven.as_str();
        let tenant_id = engine.tenant_id();
        intents::record_outcome(&mut tx, tenant_id, intent.id, IntentState::Proven, None, words, now).await?;
        circuit::look(engine, &mut tx, intent.id, Verdict::Good).await?;
        intents::insert_intent(&mut tx, tenant_id, &next).await?;
        let text = "Proven: this part is given back; the next one is due.";
        let event = CandidateEvent::RestoreStepProven { next: next.id };
        let change = Move { next_due_at: Some(now), ..Move::default() };
        move_candidate(engine, &mut tx, candidate, &event, STAGE, &Note::with(text, facts), change).await?;
        tx.commit().await?;
        crash_point("restore_settled");
        return Ok(());
    }
    let settled = match reading {
        RestoreReading::Restored if agreeing >= AGREEING => Some((
            CandidateEvent::ProvenRestored,
            IntentState::Proven,
            Note::with("Proven: the person holds exactly what they held before.", facts),
        )),
        RestoreReading::Differs(difference) if agreeing >= AGREEING => {
            let cause = Attention::RestoreIncomplete { difference };
            let text = cause.explain().0;
            Some((CandidateEvent::RestoreFailed { cause }, IntentState::SettledOtherwise, Note::with(text, facts)))
        }
        RestoreReading::StillGone
            if agreeing >= AGREEING && may_send_again(intent.state) && intent.sends < RESTORE_SENDS =>
        {
            // Evidence shows that it did not happen: the same durable intent may be sent again.
            intents::record_outcome(
                &mut tx,
                engine.tenant_id(),
                intent.id,
                IntentState::NotSent,
                None,
                "not sent: two readings agree that it did not happen",
                now,
            )
            .await?;
            let text = "Two readings agree that the restore did not happen; it is tried again.";
            tell(engine, &mut tx, candidate, intent, "candidate.restore_did_not_happen", text).await?;
            candidates::postpone_candidate(&mut tx, engine.tenant_id(), candidate, Some(now)).await?;
            tx.commit().await?;
            return Ok(());
        }
        RestoreReading::Restored
        | RestoreReading::Following
        | RestoreReading::StillGone
        | RestoreReading::Differs(_) => overdue.then(|| {
            let cause = Attention::NotProven;
            let text = cause.explain().0;
            (CandidateEvent::RestoreFailed { cause }, IntentState::SettledOtherwise, Note::with(text, facts))
        }),
    };
    match settled {
        Some((event, intent_state, note)) => {
            settle(engine, &mut tx, candidate, intent, &event, intent_state, &note).await?;
            if event == CandidateEvent::ProvenRestored {
                // The seat is held again: the next round of people shows it.
                let roster = Task::ApplicationRoster.as_str();
                integration::make_task_due(&mut tx, engine.tenant_id(), roster, now).await?;
            }
        }
        None => {
            candidates::postpone_candidate(&mut tx, engine.tenant_id(), candidate, Some(next_read(engine, now)))
                .await?;
        }
    }
    tx.commit().await?;
    crash_point("restore_settled");
    Ok(())
}
