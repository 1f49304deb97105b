//! Plans made by a person: a document of exact writes to look at, and its application, which
//! refuses everything that is no longer so.

use reseat_domain::candidate::CandidateState;
use reseat_domain::ids::{CandidateId, PlanId};
use reseat_domain::plan::{Fingerprint, PlanItem, plan_hash};
use reseat_domain::role::Permission;
use reseat_store::plans::{self, Plan};
use reseat_store::trail::Log;
use reseat_store::{Tx, dialect, findings, freezes};

use crate::commands::{get_candidate, permit};
use crate::engine::Engine;
use crate::error::CommandError;
use crate::moves::{By, Caller, Note, entry};
use crate::planning::{approval_of, is_approved, path_of, plan_item};

/// How many seats one plan may hold.
const LARGEST: usize = 1_000;

/// Makes a plan of what the given candidates come to, without applying it.
///
/// # Errors
/// [`CommandError::NotAllowed`] names the first candidate that no write can free.
pub async fn draft_plan(engine: &Engine, caller: &Caller, ids: &[CandidateId]) -> Result<Plan, CommandError> {
    permit(caller, Permission::ManagePlans)?;
    let invalid = |message: String| CommandError::Invalid { field: "candidate_ids", message };
    if ids.is_empty() {
        return Err(invalid("a plan names its candidates; there is no plan of everything".to_owned()));
    }
    if ids.len() > LARGEST {
        return Err(invalid(format!("a plan may hold {LARGEST} candidates at most")));
    }
    let tenant_id = engine.tenant_id();
    let now = engine.now();
    let mut tx = engine.store().write().await?;
    let mut items: Vec<PlanItem> = Vec::with_capacity(ids.len());
    for id in ids {
        if items.iter().any(|item| item.candidate_id == *id) {
            continue;
        }
        let candidate = get_candidate(engine, &mut tx, *id).await?;
        if !candidate.state.before_write() {
            let words = reseat_domain::candidate::label(candidate.state.name()).to_lowercase();
            return Err(CommandError::NotAllowed(format!("Candidate {} is {words}.", candidate.number)));
        }
        match plan_item(engine, &mut tx, &candidate).await? {
            Ok(item) => items.push(item),
            Err(cause) => {
                return Err(CommandError::NotAllowed(format!("Candidate {}: {}", candidate.number, cause.explain().0)));
            }
        }
    }
    let plan = Plan {
        id: PlanId::new(now, engine.random()),
        hash: plan_hash(tenant_id, &items),
        items,
        created_at: now,
        created_by: Some(caller.account_id),
        applied_at: None,
    };
    plans::insert_plan(&mut tx, tenant_id, &plan).await?;
    let details = serde_json::json!({ "hash": plan.hash, "items": plan.items.len() });
    let note = Note::with(format!("Plan of {} removals drafted", plan.items.len()), details);
    let draft = entry(engine, By::Person(caller), "plan.drafted", ("plan", &plan.id.to_string()), &note);
    engine.append_audit(&mut tx, Log::Tenant(tenant_id), &draft).await?;
    tx.commit().await?;
    Ok(plan)
}

/// Applies a plan, if it is still exactly what the world is and everything in it is approved.
///
/// # Errors
/// [`CommandError::StalePlan`], [`CommandError::NotApproved`], [`CommandError::Frozen`].
pub async fn apply_plan(engine: &Engine, caller: &Caller, id: PlanId, hash: &str) -> Result<Plan, CommandError> {
    permit(caller, Permission::ManagePlans)?;
    let tenant_id = engine.tenant_id();
    let now = engine.now();
    let mut tx = engine.store().write().await?;
    dialect::lock_tenant_writes(&mut tx, tenant_id).await?;
    let mut plan = plans::find_plan(&mut tx, tenant_id, id)
        .await?
        .ok_or_else(|| CommandError::NotFound(format!("There is no plan {id}.")))?;
    if plan.hash != hash || plan_hash(tenant_id, &plan.items) != plan.hash {
        return Err(CommandError::StalePlan("The hash is not this plan's; look at the plan again.".to_owned()));
    }
    if let Some(freeze) = freezes::find_freeze(&mut tx, tenant_id).await? {
        return Err(CommandError::Frozen(format!("Writes are frozen: {}", freeze.reason)));
    }
    if let Some(reason) = engine.freeze_file() {
        return Err(CommandError::Frozen(format!("Writes are frozen by a file on the host: {reason}")));
    }
    if plan.applied_at.is_some() {
        return Err(CommandError::NotAllowed("This plan was applied already.".to_owned()));
    }
    for item in &plan.items {
        check_item(engine, &mut tx, item).await?;
    }
    plans::mark_applied(&mut tx, tenant_id, id, now).await?;
    plan.applied_at = Some(now);
    let details = serde_json::json!({ "hash": plan.hash, "items": plan.items.len() });
    let note = Note::with(format!("Plan of {} removals applied", plan.items.len()), details);
    let draft = entry(engine, By::Person(caller), "plan.applied", ("plan", &id.to_string()), &note);
    engine.append_audit(&mut tx, Log::Tenant(tenant_id), &draft).await?;
    tx.commit().await?;
    engine.nudge();
    Ok(plan)
}

/// Whether an item still is what its candidate is, and its candidate what the last round shows.
async fn check_item(engine: &Engine, tx: &mut Tx, item: &PlanItem) -> Result<(), CommandError> {
    let candidate = get_candidate(engine, tx, item.candidate_id).await?;
    let stale =
        |what: &str| CommandError::StalePlan(format!("Candidate {}: {what}; draft a new plan.", candidate.number));
    let waits = matches!(candidate.state, CandidateState::AwaitingRevocation { .. });
    if !waits && candidate.state.before_write() {
        return Err(CommandError::NotApproved(format!("Candidate {} is not approved.", candidate.number)));
    }
    if !waits {
        return Err(stale("it has moved on since the plan was made"));
    }
    if item.approval_id.is_none() || item.approval_id != approval_of(&candidate.state) {
        return Err(stale("it was approved after the plan was made"));
    }
    let facts = findings::find_facts(tx, engine.tenant_id(), candidate.seat).await?;
    let fingerprint = facts.map(|facts| Fingerprint::of(candidate.seat.user_id, &facts.seat));
    if item.fingerprint != candidate.fingerprint || fingerprint.as_ref() != Some(&item.fingerprint) {
        return Err(stale("the license is not held the way it was"));
    }
    if !is_approved(engine, tx, item).await? {
        return Err(stale("other writes were approved than the plan has"));
    }
    match path_of(engine, tx, candidate.seat).await? {
        Ok(path) if path.binding() == item.binding() && path.writes().eq(item.writes()) => Ok(()),
        Ok(_) | Err(_) => Err(stale("another write would be needed by now")),
    }
}
