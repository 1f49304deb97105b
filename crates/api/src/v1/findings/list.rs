//! `GET /findings`

use axum::extract::State;
use reseat_domain::ids::{SkuId, UserId};
use reseat_store::read::findings::{self, FindingCursor, FindingFilter};
use serde::Deserialize;
use utoipa::IntoParams;

use crate::extract::{Json, Limit, Page, Query, next_cursor};
use crate::problem::Problem;
use crate::scalar::{FindingKindName, JustificationName};
use crate::state::ApiState;
use crate::v1::findings::Finding;
use crate::v1::findings::FindingList;

/// Which findings.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub struct FindingQuery {
    /// Only of this kind.
    #[param(inline)]
    pub kind: Option<FindingKindName>,
    /// Only where this reason holds.
    #[param(inline)]
    pub justification: Option<JustificationName>,
    /// Only about this license type.
    #[param(value_type = Option<String>)]
    pub sku_id: Option<SkuId>,
    /// Only about this person.
    #[param(value_type = Option<String>)]
    pub user_id: Option<UserId>,
    /// How many, 1 to 200; 50 when left out.
    #[param(minimum = 1, maximum = 200, default = 50, value_type = Option<u32>)]
    pub limit: Option<Limit>,
    /// `next_cursor` of the page before.
    pub cursor: Option<String>,
}

/// What the rule says about each seat now.
#[utoipa::path(
    get,
    path = "/findings",
    tag = "findings",
    params(FindingQuery),
    responses((status = 200, description = "Findings.", body = FindingList)),
)]
pub async fn list_findings(
    State(state): State<ApiState>,
    Query(query): Query<FindingQuery>,
) -> Result<Json<FindingList>, Problem> {
    let page = Page::new(query.limit, query.cursor);
    let after: Option<FindingCursor> = page.place()?;
    let filter = FindingFilter {
        kind: query.kind.map(|kind| kind.0),
        justification: query.justification.map(|justification| justification.0),
        sku_id: query.sku_id,
        user_id: query.user_id,
    };
    let mut tx = state.engine.store().read().await?;
    let found = findings::list_findings(&mut tx, state.engine.tenant_id(), &filter, after.as_ref(), page.limit).await?;
    let items = found.items.into_iter().map(Finding::from).collect();
    Ok(Json(FindingList { items, next_cursor: next_cursor(found.next) }))
}
