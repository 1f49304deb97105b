//! `GET /candidates`

use axum::extract::State;
use reseat_domain::ids::AccountId;
use reseat_domain::ids::SkuId;
use reseat_store::read::candidates::{self, CandidateCursor, CandidateFilter};
use serde::Deserialize;
use utoipa::{IntoParams, ToSchema};

use crate::caller::Authenticated;
use crate::extract::{Json, Limit, Page, Query, next_cursor};
use crate::problem::Problem;
use crate::scalar::{CandidateStateName, JustificationName};
use crate::state::ApiState;
use crate::v1::candidates::Candidate;
use crate::v1::candidates::CandidateList;

/// Whose candidates.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum AssignedTo {
    /// Of whoever asks.
    Me,
}

/// Which candidates.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub struct CandidateQuery {
    /// Only in this state; may be given more than once.
    #[serde(default)]
    #[param(inline)]
    pub state: Vec<CandidateStateName>,
    /// Only about this license type.
    #[param(value_type = Option<String>)]
    pub sku_id: Option<SkuId>,
    /// Only where this reason holds.
    #[param(inline)]
    pub justification: Option<JustificationName>,
    /// Only of people whose name or address begins with or contains this, or with this number.
    pub q: Option<String>,
    /// Only those assigned to whoever asks.
    #[param(inline)]
    pub assigned: Option<AssignedTo>,
    /// How many, 1 to 200; 50 when left out.
    #[param(minimum = 1, maximum = 200, default = 50, value_type = Option<u32>)]
    pub limit: Option<Limit>,
    /// `next_cursor` of the page before.
    pub cursor: Option<String>,
}

/// Removal candidates, newest first.
#[utoipa::path(
    get,
    path = "/candidates",
    tag = "candidates",
    params(CandidateQuery),
    responses((status = 200, description = "Candidates, and how many there are under the filter.", body = CandidateList)),
)]
pub async fn list_candidates(
    State(state): State<ApiState>,
    Authenticated { caller, .. }: Authenticated,
    Query(query): Query<CandidateQuery>,
) -> Result<Json<CandidateList>, Problem> {
    let page = Page::new(query.limit, query.cursor.clone());
    let after: Option<CandidateCursor> = page.place()?;
    let (filter, tenant_id) = (query.filter(caller.account_id), state.engine.tenant_id());
    let mut tx = state.engine.store().read().await?;
    let found = candidates::list_candidates(&mut tx, tenant_id, &filter, after.as_ref(), page.limit).await?;
    let total = candidates::count_candidates(&mut tx, tenant_id, &filter).await?;
    let items = found.items.into_iter().map(Candidate::from).collect();
    Ok(Json(CandidateList { items, next_cursor: next_cursor(found.next), total }))
}

impl CandidateQuery {
    fn filter(self, caller: AccountId) -> CandidateFilter {
        CandidateFilter {
            states: self.state.into_iter().map(|state| state.0).collect(),
            sku_id: self.sku_id,
            user_id: None,
            justification: self.justification.map(|justification| justification.0),
            assigned_to: self.assigned.map(|AssignedTo::Me| caller),
            q: self.q,
        }
    }
}
