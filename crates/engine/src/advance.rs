//! The stage that looks whether open candidates still have their ground: activity that returned, a
//! seat or a person that is gone, evidence that changed.

use reseat_domain::candidate::{CancelReason, CandidateEvent};
use reseat_domain::detect::{FindingKind, Verdict};
use reseat_domain::evidence::SignalStatus;
use reseat_domain::ids::{CandidateId, TenantId};
use reseat_store::candidates::{Candidate, Move};
use reseat_store::{StoreError, Tx, candidates, findings};

use crate::crash::crash_point;
use crate::engine::Engine;
use crate::error::EngineError;
use crate::moves::{By, Note, move_candidate};

/// Why a candidate has lost its ground under a new verdict; `None` while it has not. Evidence that
/// is missing cancels nothing: it only keeps the write from starting.
pub fn lost_ground(opened_under: &Verdict, verdict: &Verdict) -> Option<CancelReason> {
    let used = verdict.evidence.iter().any(|item| item.status == SignalStatus::InUse && item.signal.is_use());
    let used_since = verdict.last_activity > opened_under.last_activity;
    match verdict.kind {
        FindingKind::Idle => None,
        // Nothing says for sure that the license is used, but its holder is back.
        FindingKind::InsufficientEvidence => (used && used_since).then_some(CancelReason::ActivityReturned),
        // A person decides here knowing the use; only use since then takes the ground away.
        FindingKind::NeedsPerson => used_since.then_some(CancelReason::ActivityReturned),
        FindingKind::InUse => Some(if used { CancelReason::ActivityReturned } else { CancelReason::EvidenceChanged }),
    }
}

/// Cancels every open candidate that lost its ground before anything was written. Gives how many.
///
/// # Errors
/// [`EngineError::Store`].
pub async fn cancel_groundless(engine: &Engine) -> Result<usize, EngineError> {
    let tenant_id = engine.tenant_id();
    let mut after: Option<CandidateId> = None;
    let mut canceled = 0;
    loop {
        let mut tx = engine.store().read().await?;
        let page = candidates::list_open(&mut tx, tenant_id, after, 200).await?;
        let Some(last) = page.last() else { return Ok(canceled) };
        after = Some(last.id);
        // Looked for in the reading transaction: most candidates keep their ground.
        let mut groundless = Vec::new();
        for candidate in page.iter().filter(|candidate| candidate.state.before_write()) {
            if why_groundless(&mut tx, tenant_id, candidate).await?.is_some() {
                groundless.push(candidate);
            }
        }
        drop(tx);
        for candidate in groundless {
            match cancel_if_groundless(engine, candidate).await {
                Ok(done) => canceled += usize::from(done),
                // Somebody moved it meanwhile; the next detection looks again.
                Err(EngineError::Store(StoreError::Conflict)) => {}
                Err(error) => return Err(error),
            }
        }
    }
}

async fn why_groundless(
    tx: &mut Tx,
    tenant_id: TenantId,
    candidate: &Candidate,
) -> Result<Option<CancelReason>, StoreError> {
    Ok(match findings::find_finding(tx, tenant_id, candidate.seat).await? {
        None => Some(CancelReason::SeatGone),
        Some(finding) => lost_ground(&candidate.verdict, &finding.verdict),
    })
}

async fn cancel_if_groundless(engine: &Engine, candidate: &Candidate) -> Result<bool, EngineError> {
    let tenant_id = engine.tenant_id();
    let mut tx = engine.store().write().await?;
    let Some(why) = why_groundless(&mut tx, tenant_id, candidate).await? else { return Ok(false) };
    let note = Note::with(explain(why), serde_json::json!({ "why": why }));
    let event = CandidateEvent::Canceled { why };
    move_candidate(engine, &mut tx, candidate, &event, By::Stage("advance"), &note, Move::default()).await?;
    tx.commit().await?;
    crash_point("advance_canceled");
    Ok(true)
}

/// A cancel reason in one sentence.
pub const fn explain(why: CancelReason) -> &'static str {
    match why {
        CancelReason::ActivityReturned => "Canceled: the license is being used again.",
        CancelReason::SeatGone => "Canceled: the person no longer holds this license.",
        CancelReason::PersonGone => "Canceled: the account no longer exists.",
        CancelReason::EvidenceChanged => "Canceled: what this rested on has changed.",
    }
}
