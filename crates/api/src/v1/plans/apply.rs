//! `POST /plans/{plan_id}/apply`

use axum::extract::State;
use reseat_domain::ids::PlanId;
use reseat_engine::commands;
use serde::Deserialize;
use utoipa::ToSchema;

use crate::caller::Authenticated;
use crate::extract::{Json, Path};
use crate::problem::Problem;
use crate::state::ApiState;
use crate::v1::plans::Plan;

/// Which plan exactly.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct PlanApplication {
    /// The hash of the plan that was looked at.
    pub hash: String,
}

/// Hands a plan to write-back. Refused when anything in it moved since, or was not approved.
#[utoipa::path(
    post,
    path = "/plans/{plan_id}/apply",
    tag = "plans",
    params(("plan_id" = String, Path, description = "Which plan.")),
    request_body = PlanApplication,
    responses(
        (status = 200, description = "Applied.", body = Plan),
        (status = 409, description = "Something moved since (`stale_plan`), or was not approved (`not_approved`).", body = Problem),
        (status = 423, description = "Writes are frozen.", body = Problem),
    ),
)]
pub async fn apply_plan(
    State(state): State<ApiState>,
    Authenticated { caller, .. }: Authenticated,
    Path(id): Path<PlanId>,
    Json(body): Json<PlanApplication>,
) -> Result<Json<Plan>, Problem> {
    commands::apply_plan(&state.engine, &caller, id, &body.hash).await?;
    Ok(Json(Plan::read(&state, id).await?))
}
