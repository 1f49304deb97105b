//! `GET /plans`

use axum::extract::State;
use reseat_store::read::plans::{self, PlanCursor};
use serde::Deserialize;
use utoipa::IntoParams;

use crate::extract::{Json, Limit, Page, Query, next_cursor};
use crate::problem::Problem;
use crate::state::ApiState;
use crate::v1::plans::PlanList;
use crate::v1::plans::PlanSummary;

/// Which plans.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub struct PlanQuery {
    /// How many, 1 to 200; 50 when left out.
    #[param(minimum = 1, maximum = 200, default = 50, value_type = Option<u32>)]
    pub limit: Option<Limit>,
    /// `next_cursor` of the page before.
    pub cursor: Option<String>,
}

/// Plans, newest first, without their items.
#[utoipa::path(
    get,
    path = "/plans",
    tag = "plans",
    params(PlanQuery),
    responses((status = 200, description = "Plans.", body = PlanList)),
)]
pub async fn list_plans(
    State(state): State<ApiState>,
    Query(query): Query<PlanQuery>,
) -> Result<Json<PlanList>, Problem> {
    let page = Page::new(query.limit, query.cursor);
    let after: Option<PlanCursor> = page.place()?;
    let mut tx = state.engine.store().read().await?;
    let found = plans::list_plans(&mut tx, state.engine.tenant_id(), after.as_ref(), page.limit).await?;
    let items = found.items.into_iter().map(PlanSummary::from).collect();
    Ok(Json(PlanList { items, next_cursor: next_cursor(found.next) }))
}
