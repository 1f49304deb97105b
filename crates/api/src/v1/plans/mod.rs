//! Plans: the exact, immutable writes for candidates, with nothing left to choose.

use reseat_domain::ids::PlanId;
use reseat_domain::plan;
use reseat_store::read::plans::{self, find_plan};
use serde::Serialize;
use utoipa::ToSchema;

use crate::problem::Problem;
use crate::scalar::{Moment, PlanItemKindName};
use crate::state::ApiState;

pub mod apply;
pub mod create;
pub mod list;
pub mod read;

/// Where a plan came from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum PlanOrigin {
    /// The engine, for what was approved.
    Automatic,
    /// A person asked for it.
    Person,
}

/// A plan in the list.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct PlanSummary {
    /// Its id.
    pub plan_id: String,
    /// Hash over tenant and items.
    pub hash: String,
    /// Where it came from.
    pub origin: PlanOrigin,
    /// When it was made.
    pub created_at: Moment,
    /// Who made it, by name; null for the engine.
    pub created_by: Option<String>,
    /// When it was applied.
    pub applied_at: Option<Moment>,
    /// How many items it has.
    pub item_count: i64,
}

/// Plans, newest first.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct PlanList {
    /// This page.
    pub items: Vec<PlanSummary>,
    /// Where the next page begins; null on the last one.
    pub next_cursor: Option<String>,
}

/// A plan with its items.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct Plan {
    /// Its id.
    pub plan_id: String,
    /// Hash over tenant and items; `apply` needs it.
    pub hash: String,
    /// Where it came from.
    pub origin: PlanOrigin,
    /// When it was made.
    pub created_at: Moment,
    /// Who made it, by name; null for the engine.
    pub created_by: Option<String>,
    /// When it was applied.
    pub applied_at: Option<Moment>,
    /// The writes.
    pub items: Vec<PlanItem>,
}

/// One write of a plan.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct PlanItem {
    /// Its id.
    pub item_id: String,
    /// For which candidate.
    pub candidate_id: String,
    /// What it does.
    pub kind: PlanItemKindName,
    /// Whose seat.
    pub user_id: String,
    /// Which license type.
    pub sku_id: String,
    /// The write, as the trail and the plan's hash know it.
    #[schema(value_type = Object)]
    pub write: serde_json::Value,
    /// The first request it comes to.
    pub request: PlanRequest,
    /// Every request it comes to, in order; each is sent once the one before is proven.
    pub requests: Vec<PlanRequest>,
    /// What else the person loses, the gravest first.
    pub also_lost: Vec<String>,
    /// The seat as it was approved.
    pub fingerprint: String,
    /// The yes it rests on; null in a draft made before the approval.
    pub approval_id: Option<String>,
    /// What the person loses.
    pub will_be_removed: Vec<String>,
    /// What the person keeps.
    pub will_stay: Vec<String>,
}

/// A request to Microsoft Graph, spelled out.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct PlanRequest {
    /// The method.
    pub method: String,
    /// The path.
    pub path: String,
    /// The body.
    #[schema(value_type = Object)]
    pub body: serde_json::Value,
}

impl From<&plan::Write> for PlanRequest {
    fn from(write: &plan::Write) -> Self {
        let (method, path, body) = write.request();
        Self { method: method.to_owned(), path, body }
    }
}

impl PlanOrigin {
    fn of(word: &str) -> Self {
        if word == "person" { Self::Person } else { Self::Automatic }
    }
}

impl From<plans::PlanSummary> for PlanSummary {
    fn from(found: plans::PlanSummary) -> Self {
        Self {
            plan_id: found.id.to_string(),
            hash: found.hash,
            origin: PlanOrigin::of(&found.origin),
            created_at: found.created_at.into(),
            created_by: found.created_by_name,
            applied_at: found.applied_at.map(Moment),
            item_count: found.item_count,
        }
    }
}

impl Plan {
    /// Reads a plan with its items.
    ///
    /// # Errors
    /// [`Problem`] 404.
    pub async fn read(state: &ApiState, id: PlanId) -> Result<Self, Problem> {
        let mut tx = state.engine.store().read().await?;
        let found = find_plan(&mut tx, state.engine.tenant_id(), id).await?;
        let (summary, items) = found.ok_or_else(|| Problem::not_found("plan"))?;
        let PlanSummary { plan_id, hash, origin, created_at, created_by, applied_at, item_count: _ } = summary.into();
        let items = items.into_iter().map(PlanItem::from).collect();
        Ok(Self { plan_id, hash, origin, created_at, created_by, applied_at, items })
    }
}

impl From<plan::PlanItem> for PlanItem {
    fn from(item: plan::PlanItem) -> Self {
        Self {
            item_id: item.item_id.to_string(),
            candidate_id: item.candidate_id.to_string(),
            kind: item.kind.into(),
            user_id: item.user_id.to_string(),
            sku_id: item.sku_id.to_string(),
            request: PlanRequest::from(&item.write),
            requests: item.writes().map(PlanRequest::from).collect(),
            also_lost: item.also_lost.iter().map(plan::AlsoLost::explain).collect(),
            write: serde_json::to_value(&item.write).expect("a write is plain JSON"),
            fingerprint: item.fingerprint.as_str().to_owned(),
            approval_id: item.approval_id.map(|id| id.to_string()),
            will_be_removed: item.will_be_removed.iter().map(ToString::to_string).collect(),
            will_stay: item.will_stay.iter().map(ToString::to_string).collect(),
        }
    }
}
