//! A candidate with everything its page shows, put together from its row, its writes and the trail.

use reseat_domain::candidate::{CandidateState, Situation, StateName, allowed_actions};
use reseat_domain::ids::{CandidateId, RuleId, SeatKey};
use reseat_domain::plan::AlsoLost;
use reseat_engine::Caller;
use reseat_engine::entitlement::is_proposer;
use reseat_engine::planning::path_of;
use reseat_engine::write_back::why_no_write;
use reseat_store::Tx;
use reseat_store::integration::find_tenant;
use reseat_store::read::audit;
use reseat_store::read::audit::{AuditFilter, list_entries};
use reseat_store::read::candidates::{self, CandidateItem, IntentItem, find_candidate};
use reseat_store::rules::find_rule;
use reseat_store::trail::Log;

use crate::problem::Problem;
use crate::scalar::Moment;
use crate::state::ApiState;
use crate::v1::audit::AuditItem;
use crate::v1::candidates::{
    AllowedAction, Approval, Candidate, CandidateDetail, CandidateRef, CandidateRule, CandidateWrite, Removal,
    TravelledState,
};
use crate::v1::findings::{Evidence, MissingSignal};
use crate::v1::plans::PlanRequest;
use crate::v1::seats::SeatPath;
use crate::v1::skus::SkuRef;

/// How many of its entries a page shows; no candidate travels that far.
const HISTORY: i64 = 200;

impl CandidateDetail {
    /// Reads a candidate as `caller` sees it.
    ///
    /// # Errors
    /// [`Problem`] 404.
    pub async fn read(state: &ApiState, caller: &Caller, id: CandidateId) -> Result<Self, Problem> {
        let tenant_id = state.engine.tenant_id();
        let mut tx = state.engine.store().read().await?;
        let missing = || Problem::not_found("candidate");
        let found = find_candidate(&mut tx, tenant_id, id).await?.ok_or_else(missing)?;
        let tenant = find_tenant(&mut tx, tenant_id).await?.ok_or_else(|| Problem::not_found("tenant"))?;
        let rule = rule_of(state, &mut tx, &found.item).await?;
        let history = history_of(state, &mut tx, id).await?;
        let is_proposer = is_proposer(&mut tx, found.item.proposed_by, caller).await?;
        let allowed = allowed(caller, &found.item, is_proposer, tenant.single_operator);
        // A yes that lapsed is history: another one is waited for.
        let asked = matches!(found.item.state, CandidateState::AwaitingApproval { .. });
        let approval = found.approvals.iter().find(|approval| approval.kind == "remove" && !asked).cloned();
        let approved = matches!(found.item.state, CandidateState::AwaitingRevocation { manual: false, .. });
        let waits_because = if approved { why_no_write(&state.engine, &mut tx).await? } else { None };
        let travelled = travelled(&found.item, &history);
        let removal = removal_of(state, &mut tx, &found.item).await?;
        let (removed, stays) = loses_and_keeps(&found, removal.as_ref());
        let verdict = found.item.verdict.clone();
        Ok(Self {
            candidate: Candidate::from(found.item),
            evidence: verdict.evidence.into_iter().map(Evidence::from).collect(),
            missing: verdict.missing.into_iter().map(MissingSignal::from).collect(),
            rule,
            paths: found.seat.into_iter().flat_map(|seat| seat.paths).map(SeatPath::from).collect(),
            will_be_removed: removed,
            will_stay: stays,
            removal,
            allowed_actions: allowed,
            sign_off: found.approvals.iter().any(|approval| approval.single_operator),
            approval: approval.map(Approval::from),
            waits_because,
            writes: found.writes.into_iter().rev().map(CandidateWrite::try_from).collect::<Result<_, _>>()?,
            travelled,
            history: history.into_iter().map(AuditItem::from).collect(),
            previous: found.previous.map(CandidateRef::from),
        })
    }
}

async fn rule_of(state: &ApiState, tx: &mut Tx, item: &CandidateItem) -> Result<CandidateRule, Problem> {
    let id: Option<RuleId> = item.rule_id.parse().ok();
    let version = u32::try_from(item.rule_version).unwrap_or(0);
    let rule = match id {
        Some(id) => find_rule(tx, state.engine.tenant_id(), id, version).await?,
        None => None,
    };
    let name = rule.map_or_else(|| item.rule_id.clone(), |rule| rule.name);
    Ok(CandidateRule { rule_id: item.rule_id.clone(), name, version: item.rule_version })
}

async fn history_of(state: &ApiState, tx: &mut Tx, id: CandidateId) -> Result<Vec<audit::AuditItem>, Problem> {
    let filter = AuditFilter {
        object_kind: Some("candidate".to_owned()),
        object_id: Some(id.to_string()),
        ..AuditFilter::default()
    };
    Ok(list_entries(tx, Log::Tenant(state.engine.tenant_id()), &filter, None, HISTORY).await?.items)
}

fn allowed(caller: &Caller, item: &CandidateItem, is_proposer: bool, single_operator: bool) -> Vec<AllowedAction> {
    let situation = Situation {
        state: &item.state,
        roles: &caller.roles,
        is_holder: caller.user_id == Some(item.person.user_id),
        is_proposer,
        bulk: item.bulk,
        single_operator,
    };
    allowed_actions(&situation).into_iter().map(AllowedAction::from).collect()
}

/// The states it went through, oldest first, from its entries in the trail.
fn travelled(item: &CandidateItem, history: &[audit::AuditItem]) -> Vec<TravelledState> {
    let mut states = vec![TravelledState { state: StateName::Ready.into(), at: item.opened_at.into() }];
    for entry in history.iter().rev().map(|item| &item.entry) {
        let to: Option<StateName> = entry.to.as_deref().and_then(|word| word.parse().ok());
        if let Some(to) = to.filter(|_| entry.from != entry.to)
            && states.last().is_none_or(|last| last.state.0 != to)
        {
            states.push(TravelledState { state: to.into(), at: entry.at.into() });
        }
    }
    states
}

/// What would free the seat, or why nothing does, as of what was last read.
async fn removal_of(state: &ApiState, tx: &mut Tx, item: &CandidateItem) -> Result<Option<Removal>, Problem> {
    if !item.state.before_write() {
        return Ok(None);
    }
    let seat = SeatKey { user_id: item.person.user_id, sku_id: item.sku.sku_id };
    Ok(Some(match path_of(&state.engine, tx, seat).await? {
        Ok(path) => Removal {
            also_lost: path.also_lost.iter().map(AlsoLost::explain).collect(),
            requests: path.writes().map(PlanRequest::from).collect(),
            why_not: None,
        },
        Err(cause) => Removal { also_lost: vec![], requests: vec![], why_not: Some(cause.explain().0) },
    }))
}

/// What the person loses and what they keep. Nothing is lost where no write can free the seat.
fn loses_and_keeps(found: &candidates::CandidateDetail, removal: Option<&Removal>) -> (Vec<SkuRef>, Vec<SkuRef>) {
    let item = &found.item;
    let sku = SkuRef::from(item.sku.clone());
    let held = found.seat.is_some();
    let removable = match removal {
        Some(removal) => removal.why_not.is_none(),
        None => !found.writes.is_empty(),
    };
    let mut stays: Vec<SkuRef> = found.other_skus.iter().cloned().map(SkuRef::from).collect();
    if removable {
        return (vec![sku], stays);
    }
    if held {
        stays.push(sku);
    }
    (Vec::new(), stays)
}

impl From<candidates::ApprovalItem> for Approval {
    fn from(item: candidates::ApprovalItem) -> Self {
        Self {
            approval_id: item.id,
            by: item.account_name.unwrap_or(item.account_id),
            at: Moment::from_micros(item.given_at),
            single_operator: item.single_operator,
        }
    }
}

impl TryFrom<IntentItem> for CandidateWrite {
    type Error = Problem;

    fn try_from(item: IntentItem) -> Result<Self, Problem> {
        let unreadable = |_| Problem::unavailable("A stored value cannot be read.");
        Ok(Self {
            kind: serde_json::from_value(item.kind.into()).map_err(unreadable)?,
            state: serde_json::from_value(item.state.into()).map_err(unreadable)?,
            intent_id: item.id,
            created_at: Moment::from_micros(item.created_at),
            outcome: item.outcome,
            outcome_at: item.outcome_at.map(Moment::from_micros),
            sends: item.sends,
            agreeing_reads: item.agreeing_reads,
            last_reading: item.last_reading,
            last_read_at: item.last_read_at.map(Moment::from_micros),
            evidence_age_seconds: item.evidence_age_seconds,
            client_request_id: item.client_request_id,
            request_id: item.request_id,
        })
    }
}
