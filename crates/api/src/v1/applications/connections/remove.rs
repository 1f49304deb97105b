//! `DELETE /applications/{tenant_id}/connections/{purpose}`

use axum::extract::State;
use http::StatusCode;
use reseat_domain::ids::TenantId;
use reseat_engine::commands;

use crate::caller::Authenticated;
use crate::extract::Path;
use crate::problem::{Problem, ProblemBody};
use crate::scalar::PurposeName;
use crate::state::ApiState;
use crate::v1::applications::known_tenant;

/// Removes a connection with everything sealed for it. The app registration at Microsoft stays as it is.
#[utoipa::path(
    delete,
    path = "/applications/{tenant_id}/connections/{purpose}",
    tag = "connections",
    params(
        ("tenant_id" = String, Path, description = "Which tenant."),
        ("purpose" = PurposeName, Path, description = "What it is for."),
    ),
    responses(
        (status = 204, description = "Removed; nothing is read or written through it any more."),
        (status = 409, description = "The configuration file gives this connection.", body = ProblemBody),
    ),
)]
pub async fn remove_connection(
    State(state): State<ApiState>,
    Authenticated { caller, .. }: Authenticated,
    Path((tenant_id, purpose)): Path<(TenantId, PurposeName)>,
) -> Result<StatusCode, Problem> {
    known_tenant(&state, tenant_id)?;
    commands::remove_connection(&state.engine, &caller, purpose.0).await?;
    Ok(StatusCode::NO_CONTENT)
}
