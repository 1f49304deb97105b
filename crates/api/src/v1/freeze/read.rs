//! `GET /freeze`

use axum::extract::State;

use crate::extract::Json;
use crate::problem::Problem;
use crate::state::ApiState;
use crate::v1::freeze::FreezeState;

/// Whether writes are frozen.
#[utoipa::path(
    get,
    path = "/freeze",
    tag = "freeze",
    responses((status = 200, description = "The freeze in force, or null.", body = FreezeState)),
)]
pub async fn read_freeze(State(state): State<ApiState>) -> Result<Json<FreezeState>, Problem> {
    let mut tx = state.engine.store().read().await?;
    Ok(Json(FreezeState::read(&mut tx, state.engine.tenant_id()).await?))
}
