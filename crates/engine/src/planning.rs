//! The stage that turns what was approved into a plan: the exact writes, with nothing left to
//! choose.

use reseat_domain::candidate::{Attention, CandidateEvent, CandidateState};
use reseat_domain::ids::{ApprovalId, PlanId, PlanItemId, SeatKey};
use reseat_domain::plan::{NoPath, PlanItem, PlanItemKind, Write, plan_hash, removal_path};
use reseat_store::candidates::{Candidate, Move};
use reseat_store::plans::Plan;
use reseat_store::trail::Log;
use reseat_store::{Tx, findings, plans, skus};

use crate::crash::crash_point;
use crate::engine::Engine;
use crate::error::EngineError;
use crate::moves::{By, Note, entry, move_candidate};

/// The direct write that frees a seat as of the last published round, or the obstacle.
///
/// # Errors
/// [`EngineError::Store`].
pub async fn path_of(engine: &Engine, tx: &mut Tx, seat: SeatKey) -> Result<Result<Write, Attention>, EngineError> {
    let stored = findings::find_facts(tx, engine.tenant_id(), seat).await?;
    let path = removal_path(seat.user_id, stored.as_ref().map(|stored| &stored.seat));
    match path {
        Ok(write) => Ok(Ok(write)),
        Err(no_path) => Ok(Err(obstacle(engine, tx, no_path).await?)),
    }
}

/// The obstacle that a missing path is, with the groups' names.
///
/// # Errors
/// [`EngineError::Store`].
pub async fn obstacle(engine: &Engine, tx: &mut Tx, no_path: NoPath) -> Result<Attention, EngineError> {
    Ok(match no_path {
        NoPath::OnlyThroughGroups(ids) => {
            Attention::HeldThroughGroup { groups: skus::group_names(tx, engine.tenant_id(), &ids).await? }
        }
        NoPath::AlsoThroughGroups(ids) => {
            Attention::AlsoHeldThroughGroup { groups: skus::group_names(tx, engine.tenant_id(), &ids).await? }
        }
        NoPath::Unknown | NoPath::NotHeld => Attention::PathUnknown,
    })
}

/// The item of one candidate, or the obstacle.
///
/// # Errors
/// [`EngineError::Store`].
pub async fn plan_item(
    engine: &Engine,
    tx: &mut Tx,
    candidate: &Candidate,
) -> Result<Result<PlanItem, Attention>, EngineError> {
    let write = match path_of(engine, tx, candidate.seat).await? {
        Ok(write) => write,
        Err(attention) => return Ok(Err(attention)),
    };
    let held = findings::list_skus_of(tx, engine.tenant_id(), candidate.seat.user_id).await?;
    Ok(Ok(PlanItem {
        item_id: PlanItemId::new(engine.now(), engine.random()),
        candidate_id: candidate.id,
        kind: PlanItemKind::Remove,
        user_id: candidate.seat.user_id,
        sku_id: candidate.seat.sku_id,
        write,
        fingerprint: candidate.fingerprint.clone(),
        approval_id: approval_of(&candidate.state),
        will_be_removed: vec![candidate.seat.sku_id],
        will_stay: held.into_iter().filter(|&sku| sku != candidate.seat.sku_id).collect(),
    }))
}

/// The approval a candidate carries while it waits for its write.
pub fn approval_of(state: &CandidateState) -> Option<ApprovalId> {
    match state {
        CandidateState::AwaitingRevocation { approval, .. } => Some(*approval),
        CandidateState::Ready
        | CandidateState::AttentionRequired { .. }
        | CandidateState::AwaitingUser { .. }
        | CandidateState::AwaitingApproval { .. }
        | CandidateState::InReview { .. }
        | CandidateState::Revoking { .. }
        | CandidateState::Verifying { .. }
        | CandidateState::ClosedComplete { .. }
        | CandidateState::Restoring { .. }
        | CandidateState::ClosedRestored { .. }
        | CandidateState::ClosedSkipped { .. }
        | CandidateState::ClosedCanceled { .. } => None,
    }
}

/// Puts every approved candidate that no applied plan covers into one plan. Gives how many.
///
/// # Errors
/// [`EngineError::Store`].
pub async fn plan_approved(engine: &Engine) -> Result<usize, EngineError> {
    let tenant_id = engine.tenant_id();
    let mut tx = engine.store().read().await?;
    let some = plans::list_unplanned(&mut tx, tenant_id, 1).await?;
    drop(tx);
    if some.is_empty() {
        return Ok(0);
    }
    let mut tx = engine.store().write().await?;
    let waiting = plans::list_unplanned(&mut tx, tenant_id, 500).await?;
    let mut items = Vec::with_capacity(waiting.len());
    for candidate in &waiting {
        match plan_item(engine, &mut tx, candidate).await? {
            Ok(item) => items.push(item),
            Err(cause) => {
                let note = Note::text(cause.explain().0);
                let event = CandidateEvent::Obstacle { cause };
                move_candidate(engine, &mut tx, candidate, &event, By::Stage("plan"), &note, Move::default()).await?;
            }
        }
    }
    let planned = items.len();
    if planned > 0 {
        let now = engine.now();
        let plan = Plan {
            id: PlanId::new(now, engine.random()),
            hash: plan_hash(tenant_id, &items),
            items,
            created_at: now,
            created_by: None,
            applied_at: Some(now),
        };
        plans::insert_plan(&mut tx, tenant_id, &plan).await?;
        let note = Note::with(
            format!("Plan of {planned} removals made from what was approved"),
            serde_json::json!({ "hash": plan.hash, "items": planned }),
        );
        let draft = entry(engine, By::Stage("plan"), "plan.made", ("plan", &plan.id.to_string()), &note);
        engine.append_audit(&mut tx, Log::Tenant(tenant_id), &draft).await?;
    }
    tx.commit().await?;
    crash_point("planned");
    Ok(waiting.len())
}
