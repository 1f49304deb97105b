//! `GET /plans/{plan_id}`

use axum::extract::State;
use reseat_domain::ids::PlanId;

use crate::extract::{Json, Path};
use crate::problem::Problem;
use crate::state::ApiState;
use crate::v1::plans::Plan;

/// A plan with its items.
#[utoipa::path(
    get,
    path = "/plans/{plan_id}",
    tag = "plans",
    params(("plan_id" = String, Path, description = "Which plan.")),
    responses((status = 200, description = "The plan.", body = Plan)),
)]
pub async fn read_plan(State(state): State<ApiState>, Path(id): Path<PlanId>) -> Result<Json<Plan>, Problem> {
    Ok(Json(Plan::read(&state, id).await?))
}
