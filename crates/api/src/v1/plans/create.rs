//! `POST /plans`

use axum::extract::State;
use http::StatusCode;
use reseat_domain::ids::CandidateId;
use reseat_engine::commands;
use serde::Deserialize;
use utoipa::ToSchema;

use crate::caller::Authenticated;
use crate::extract::Json;
use crate::problem::{Problem, ProblemBody};
use crate::state::ApiState;
use crate::v1::plans::Plan;

/// Which candidates.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewPlan {
    /// Which candidates.
    #[schema(value_type = Vec<String>, min_items = 1, max_items = 1000)]
    pub candidate_ids: Vec<CandidateId>,
}

/// Spells out the exact writes for candidates, without doing them.
///
/// The same candidates give the same hash wherever the plan is made.
#[utoipa::path(
    post,
    path = "/plans",
    tag = "plans",
    request_body = NewPlan,
    responses(
        (status = 201, description = "The plan.", body = Plan),
        (status = 409, description = "A candidate leads to no write.", body = ProblemBody),
    ),
)]
pub async fn create_plan(
    State(state): State<ApiState>,
    Authenticated { caller, .. }: Authenticated,
    Json(body): Json<NewPlan>,
) -> Result<(StatusCode, Json<Plan>), Problem> {
    let made = commands::draft_plan(&state.engine, &caller, &body.candidate_ids).await?;
    Ok((StatusCode::CREATED, Json(Plan::read(&state, made.id).await?)))
}
