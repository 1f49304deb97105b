//! The stage that turns what was approved into a plan: the exact writes, with nothing left to
//! choose.

use std::collections::BTreeMap;

use reseat_domain::candidate::{Attention, CancelReason, CandidateEvent, CandidateState};
use reseat_domain::directory::{LicenseState, SkuPlan};
use reseat_domain::ids::{ApprovalId, GroupId, PlanId, PlanItemId, SeatKey, SkuId, UserId};
use reseat_domain::plan::{
    Facts, GroupObstacle, GroupTerms, MailboxHold, NoPath, PlanItem, PlanItemKind, RemovalPath, effective, plan_hash,
    removal_path,
};
use reseat_store::candidates::{Candidate, Move};
use reseat_store::plans::Plan;
use reseat_store::trail::Log;
use reseat_store::{Tx, approvals, findings, held, plans, skus, write_settings};

use crate::advance;
use crate::crash::crash_point;
use crate::engine::Engine;
use crate::error::EngineError;
use crate::moves::{By, Note, entry, move_candidate};

/// The groups somebody's seats come through, as they were read.
pub type Terms = BTreeMap<GroupId, GroupTerms>;

/// The writes that free a seat as of the last published rounds, or the obstacle.
///
/// # Errors
/// [`EngineError::Store`].
pub async fn path_of(
    engine: &Engine,
    tx: &mut Tx,
    seat: SeatKey,
) -> Result<Result<RemovalPath, Attention>, EngineError> {
    let state = known_state(engine, tx, seat.user_id).await?;
    let groups: Vec<GroupId> = state.seat(seat.sku_id).iter().flat_map(|seat| seat.groups()).collect();
    let terms = held::list_group_terms(tx, engine.tenant_id(), &groups).await?;
    solve(engine, tx, &state, &terms, seat.sku_id).await
}

/// What a person holds by the last published round. A license that nobody explains counts as wholly in use.
async fn known_state(engine: &Engine, tx: &mut Tx, user_id: UserId) -> Result<LicenseState, EngineError> {
    let seats = held::list_seats_of_person(tx, engine.tenant_id(), user_id).await?;
    let assigned = seats.iter().map(|seat| (seat.sku_id, effective(&seat.paths).unwrap_or_default())).collect();
    let paths = seats.into_iter().filter(|seat| !seat.paths.is_empty()).map(|seat| (seat.sku_id, seat.paths)).collect();
    Ok(LicenseState { user_id, account_enabled: true, usage_location: None, assigned, paths, groups: None })
}

/// Asks the solver, and whether the tenant wants people to be taken out of groups at all.
///
/// # Errors
/// [`EngineError::Store`].
pub async fn solve(
    engine: &Engine,
    tx: &mut Tx,
    state: &LicenseState,
    groups: &Terms,
    sku_id: SkuId,
) -> Result<Result<RemovalPath, Attention>, EngineError> {
    let tenant_id = engine.tenant_id();
    let skus = skus::list_skus(tx, tenant_id).await?;
    let catalog: BTreeMap<SkuId, Vec<SkuPlan>> =
        skus.iter().map(|known| (known.sku.sku_id, known.sku.plans.clone())).collect();
    // Graph offers no reading of holds; the solver says so instead of guessing.
    let facts = Facts { state, groups, catalog: &catalog, hold: MailboxHold::Unknown };
    match removal_path(&facts, sku_id) {
        Ok(path) if !path.leaves_groups() => Ok(Ok(path)),
        Ok(path) => {
            if write_settings::find_write_settings(tx, tenant_id).await?.group_removal {
                return Ok(Ok(path));
            }
            let direct = state.seat(sku_id).is_some_and(|seat| seat.direct().is_some());
            Ok(Err(switched_off(&path, direct)))
        }
        Err(no_path) => {
            let names = |ids: &[SkuId]| -> Vec<String> {
                let name =
                    |id: &SkuId| skus.iter().find(|known| known.sku.sku_id == *id).map(|known| known.name.clone());
                ids.iter().map(|id| name(id).unwrap_or_else(|| id.to_string())).collect()
            };
            Ok(Err(obstacle(engine, tx, no_path, groups, names).await?))
        }
    }
}

/// There is a way and the tenant does not want people taken out of groups: what would free the seat is said.
fn switched_off(path: &RemovalPath, also_direct: bool) -> Attention {
    let groups: Vec<String> = path.groups.iter().map(|group| group.display_name.clone()).collect();
    let mut why = vec![format!(
        "Leaving {} would free it; taking people out of groups is switched off.",
        if groups.len() == 1 { "it" } else { "them" }
    )];
    why.extend(path.also_lost.iter().map(|lost| format!("It would also take: {}", lost.explain())));
    held_through(also_direct, groups, why)
}

fn held_through(also_direct: bool, groups: Vec<String>, why: Vec<String>) -> Attention {
    if also_direct {
        Attention::AlsoHeldThroughGroup { groups, why }
    } else {
        Attention::HeldThroughGroup { groups, why }
    }
}

/// The obstacle that a missing path is, with names.
async fn obstacle(
    engine: &Engine,
    tx: &mut Tx,
    no_path: NoPath,
    terms: &Terms,
    names: impl Fn(&[SkuId]) -> Vec<String>,
) -> Result<Attention, EngineError> {
    let (also_direct, groups) = match no_path {
        NoPath::Groups { also_direct, groups } => (also_direct, groups),
        NoPath::NeededBy(skus) => return Ok(Attention::NeededByOthers { skus: names(&skus) }),
        NoPath::KeepsHold => return Ok(Attention::KeepsHold),
        NoPath::Unknown | NoPath::NotHeld => return Ok(Attention::PathUnknown),
    };
    let ids: Vec<GroupId> = groups.iter().map(|(id, _)| *id).collect();
    let stored = skus::group_names(tx, engine.tenant_id(), &ids).await?;
    let called: Vec<String> = ids
        .iter()
        .zip(stored)
        .map(|(id, stored)| terms.get(id).map_or(stored, |group| group.display_name.clone()))
        .collect();
    let why = groups.iter().zip(&called).map(|((_, obstacle), name)| explain(obstacle, name, &names)).collect();
    Ok(held_through(also_direct, called, why))
}

fn explain(obstacle: &GroupObstacle, name: &str, names: &impl Fn(&[SkuId]) -> Vec<String>) -> String {
    match obstacle {
        GroupObstacle::Unread => format!("{name}: what it gives could not be read."),
        GroupObstacle::Kind(kind) => {
            format!("{name}: {}.", kind.why_not().unwrap_or("its members are not changed by this program"))
        }
        GroupObstacle::CarriesNotThis => {
            format!("{name}: it does not give this license any more; Microsoft has yet to take it away.")
        }
        GroupObstacle::CarriesMore(skus) => format!("{name}: leaving it would also take {}.", names(skus).join(", ")),
    }
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
    let path = match path_of(engine, tx, candidate.seat).await? {
        Ok(path) => path,
        Err(attention) => return Ok(Err(attention)),
    };
    let held = findings::list_skus_of(tx, engine.tenant_id(), candidate.seat.user_id).await?;
    Ok(Ok(PlanItem {
        item_id: PlanItemId::new(engine.now(), engine.random()),
        candidate_id: candidate.id,
        kind: if path.leaves_groups() { PlanItemKind::LeaveGroup } else { PlanItemKind::Remove },
        user_id: candidate.seat.user_id,
        sku_id: candidate.seat.sku_id,
        write: path.first,
        then: path.then,
        groups: path.groups,
        also_lost: path.also_lost,
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

/// Whether a path is the one that was approved: the same writes, the same groups that give the same.
pub(crate) async fn is_approved(engine: &Engine, tx: &mut Tx, item: &PlanItem) -> Result<bool, EngineError> {
    let Some(approval) = item.approval_id else { return Ok(false) };
    let row = approvals::find_approval(tx, engine.tenant_id(), approval).await?;
    Ok(row.is_some_and(|row| row.binding == item.binding()))
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
        let (event, text) = match plan_item(engine, &mut tx, candidate).await? {
            Ok(item) if is_approved(engine, &mut tx, &item).await? => {
                items.push(item);
                continue;
            }
            // It would be another write by now than the one that was approved.
            Ok(_) => {
                let why = CancelReason::EvidenceChanged;
                (CandidateEvent::Canceled { why }, advance::explain(why).to_owned())
            }
            Err(cause) => {
                let text = cause.explain().0;
                (CandidateEvent::Obstacle { cause }, text)
            }
        };
        let note = Note::text(text);
        move_candidate(engine, &mut tx, candidate, &event, By::Stage("plan"), &note, Move::default()).await?;
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
