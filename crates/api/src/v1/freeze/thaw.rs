//! `POST /thaw`

use axum::extract::State;
use reseat_engine::commands;
use serde::Deserialize;
use utoipa::ToSchema;

use crate::caller::Authenticated;
use crate::extract::Json;
use crate::problem::Problem;
use crate::state::ApiState;
use crate::v1::freeze::FreezeState;

/// A wish to go on.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ThawRequest {
    /// The word `thaw`, needed in single-operator mode only.
    pub typed: Option<String>,
}

/// Asks that writes go on, or agrees to it.
///
/// The first person asks; another one agrees and thereby thaws. In single-operator mode one person thaws by typing
/// `thaw`.
#[utoipa::path(
    post,
    path = "/thaw",
    tag = "freeze",
    request_body = ThawRequest,
    responses(
        (status = 200, description = "Still frozen with `thaw_asked_by`, or thawed with null.", body = FreezeState),
        (status = 409, description = "Nothing is frozen, or the same person asked before.", body = Problem),
    ),
)]
pub async fn thaw(
    State(state): State<ApiState>,
    Authenticated { caller, .. }: Authenticated,
    Json(body): Json<ThawRequest>,
) -> Result<Json<FreezeState>, Problem> {
    commands::thaw(&state.engine, &caller, body.typed.as_deref()).await?;
    let mut tx = state.engine.store().read().await?;
    Ok(Json(FreezeState::read(&mut tx, state.engine.tenant_id()).await?))
}
