//! `POST /freeze`

use axum::extract::State;
use reseat_engine::commands;
use serde::Deserialize;
use utoipa::ToSchema;

use crate::caller::Authenticated;
use crate::extract::Json;
use crate::problem::Problem;
use crate::state::ApiState;
use crate::v1::freeze::FreezeState;

/// Why to stop.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct FreezeRequest {
    /// For everybody to read.
    #[schema(min_length = 1, max_length = 2000)]
    pub reason: String,
}

/// Stops: no new write starts, restores included. Anyone with a role may.
#[utoipa::path(
    post,
    path = "/freeze",
    tag = "freeze",
    request_body = FreezeRequest,
    responses((status = 200, description = "Frozen.", body = FreezeState)),
)]
pub async fn freeze(
    State(state): State<ApiState>,
    Authenticated { caller, .. }: Authenticated,
    Json(body): Json<FreezeRequest>,
) -> Result<Json<FreezeState>, Problem> {
    commands::freeze(&state.engine, &caller, &body.reason).await?;
    let mut tx = state.engine.store().read().await?;
    Ok(Json(FreezeState::read(&mut tx, state.engine.tenant_id()).await?))
}
