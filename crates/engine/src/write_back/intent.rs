//! The transaction everything hangs on: budget, undo snapshot, intent, state and trail entry.

use reseat_domain::budget::{Held, Started, next_run_at, permit};
use reseat_domain::candidate::{Attention, CandidateEvent, CandidateState};
use reseat_domain::directory::LicenseState;
use reseat_domain::ids::{IntentId, WriteRunId};
use reseat_domain::plan::{IntentState, PlanItem};
use reseat_domain::time::Timestamp;
use reseat_store::approvals::ApprovalRow;
use reseat_store::candidates::{Candidate, Move};
use reseat_store::intents::{Intent, WriteRun};
use reseat_store::{Tx, dialect, intents, write_settings};

use crate::engine::Engine;
use crate::entitlement::why_lapsed;
use crate::error::EngineError;
use crate::moves::{Note, move_candidate};
use crate::write_back::circuit;
use crate::write_back::permit::may_write_in;
use crate::write_back::progress::{Progress, stop};
use crate::write_back::recheck::lapse;
use crate::write_back::send::settled_at_latest;
use crate::write_back::{STAGE, write_in_flight};

/// After how many intents of one approval without any effect a person is asked.
const ATTEMPTS: i64 = 3;

pub(super) enum Budget {
    /// Go on in this run.
    Go(WriteRunId),
    /// Begin a new run.
    NewRun { canary: bool },
    /// Not now.
    Wait { until: Timestamp, why: Held },
}

pub(super) async fn budget(
    engine: &Engine,
    tx: &mut Tx,
    candidate: &Candidate,
    progress: &Progress,
) -> Result<Budget, EngineError> {
    let tenant_id = engine.tenant_id();
    let now = engine.now();
    // The seat was counted with its first write; what is begun is not left halfway for a budget's sake.
    if let Some(run_id) = progress.run_id() {
        return Ok(Budget::Go(run_id));
    }
    let limits = &engine.settings().budget;
    let last = intents::find_last_run(tx, tenant_id).await?;
    let mut started =
        intents::count_started(tx, tenant_id, last.as_ref().map(|run| run.id), candidate.seat.sku_id, now).await?;
    let Some(run) = last else {
        return Ok(match permit(limits, &started) {
            Ok(()) => Budget::NewRun { canary: true },
            Err(why) => Budget::Wait { until: now.plus_seconds(60), why },
        });
    };
    let (proven, open) = intents::count_run(tx, tenant_id, run.id).await?;
    // The rest waits until every removal of the canary is settled and one at least is proven.
    started.first_run = started.first_run || (run.canary && open > 0);
    let next_run = next_run_at(limits, run.began_at);
    Ok(match permit(limits, &started) {
        Ok(()) => Budget::Go(run.id),
        Err(Held::Canary) if open == 0 && proven == 0 && now >= next_run => Budget::NewRun { canary: true },
        Err(Held::Run) if now >= next_run => {
            let fresh = Started { in_run: 0, in_run_of_sku: 0, gone_in_run_of_sku: 0, ..started };
            match permit(limits, &fresh) {
                Ok(()) => Budget::NewRun { canary: started.first_run },
                Err(why) => Budget::Wait { until: now.plus_seconds(60), why },
            }
        }
        Err(why @ Held::Run) => Budget::Wait { until: next_run, why },
        Err(why @ Held::Canary) => {
            Budget::Wait { until: now.plus_seconds(engine.settings().read_spacing_seconds.max(1)), why }
        }
        Err(why @ (Held::Day | Held::Month)) => Budget::Wait { until: now.plus_seconds(600), why },
    })
}

/// The transaction everything hangs on: freeze, approver and budget once more, undo snapshot, intent, state,
/// trail entry. `None` when something holds it back after all.
pub(super) async fn record_intent(
    engine: &Engine,
    candidate: &Candidate,
    item: &PlanItem,
    progress: &Progress,
    yes: &ApprovalRow,
    before: LicenseState,
    evidence_age: i64,
) -> Result<Option<Intent>, EngineError> {
    let tenant_id = engine.tenant_id();
    let now = engine.now();
    let mut tx = engine.store().write().await?;
    dialect::lock_tenant_writes(&mut tx, tenant_id).await?;
    if !may_write_in(engine, &mut tx, now).await? || write_in_flight(engine, &mut tx, candidate).await? {
        return Ok(None);
    }
    let CandidateState::AwaitingRevocation { approval, .. } = candidate.state else { return Ok(None) };
    if let Some(why) = why_lapsed(engine, &mut tx, candidate, yes).await? {
        lapse(engine, &mut tx, candidate, approval, why).await?;
        tx.commit().await?;
        return Ok(None);
    }
    let done = i64::try_from(progress.done.len()).unwrap_or(i64::MAX);
    if intents::count_of_approval(&mut tx, tenant_id, approval).await? >= done.saturating_add(ATTEMPTS) {
        let cause = Attention::WriteRefused { message: format!("no effect after {ATTEMPTS} attempts") };
        let text = cause.explain().0;
        let (event, text) = stop(engine, &mut tx, candidate, CandidateEvent::Obstacle { cause }, &text).await?;
        let note = Note::text(text);
        move_candidate(engine, &mut tx, candidate, &event, STAGE, &note, Move::default()).await?;
        tx.commit().await?;
        return Ok(None);
    }
    let Some(write) = progress.next(item).cloned() else {
        let words = format!("candidate {}: nothing of its plan is left to be written", candidate.number);
        return Err(EngineError::Inconsistent(words));
    };
    if write.group_id().is_some() && !write_settings::find_write_settings(&mut tx, tenant_id).await?.group_removal {
        // Switched off since the path was looked at; the next look says so.
        return Ok(None);
    }
    let run_id = match budget(engine, &mut tx, candidate, progress).await? {
        Budget::Go(run_id) => run_id,
        Budget::NewRun { canary } => {
            let run = WriteRun { id: WriteRunId::new(now, engine.random()), began_at: now, canary };
            intents::insert_write_run(&mut tx, tenant_id, &run).await?;
            run.id
        }
        Budget::Wait { why, .. } => {
            tracing::debug!(candidate = candidate.number, why = why.explain(), "the budget holds the write back");
            return Ok(None);
        }
    };
    let intent = Intent {
        id: IntentId::new(now, engine.random()),
        candidate_id: candidate.id,
        approval_id: approval,
        run_id: Some(run_id),
        kind: write.kind(),
        seat: candidate.seat,
        write,
        before,
        fingerprint: candidate.fingerprint.clone(),
        state: IntentState::Intended,
        client_request_id: IntentId::new(now, engine.random()).as_uuid(),
        sends: 1,
        agreeing_reads: 0,
        last_reading: None,
        last_read_at: None,
        created_at: now,
        outcome_at: None,
        evidence_age_seconds: Some(evidence_age),
    };
    intents::insert_intent(&mut tx, tenant_id, &intent).await?;
    circuit::begin(engine, &mut tx, intent.id).await?;
    let note = Note::with(
        "The removal is about to be sent.",
        serde_json::json!({
            "intent": intent.id, "approval": approval, "run": run_id,
            "client_request_id": intent.client_request_id.to_string(), "evidence_age_seconds": evidence_age,
        }),
    );
    let event = CandidateEvent::WriteStarts { intent: intent.id };
    // Nobody looks, and nobody concludes that nothing happened, while the request may still be on
    // its way; the answer makes it due earlier.
    let change = Move { next_due_at: Some(settled_at_latest(engine, now)), ..Move::default() };
    move_candidate(engine, &mut tx, candidate, &event, STAGE, &note, change).await?;
    tx.commit().await?;
    Ok(Some(intent))
}
