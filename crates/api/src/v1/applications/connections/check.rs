//! `POST /applications/{tenant_id}/connections/{purpose}/check`

use axum::extract::State;
use reseat_domain::ids::TenantId;
use reseat_engine::commands;

use super::Connection;
use crate::caller::Authenticated;
use crate::extract::{Json, Path};
use crate::problem::Problem;
use crate::scalar::PurposeName;
use crate::state::ApiState;
use crate::v1::applications::known_tenant;

/// Signs in anew, compares the tenant and reads what is granted. That it does not work is no error: `last_check` says it.
#[utoipa::path(
    post,
    path = "/applications/{tenant_id}/connections/{purpose}/check",
    tag = "connections",
    params(
        ("tenant_id" = String, Path, description = "Which tenant."),
        ("purpose" = PurposeName, Path, description = "What it is for."),
    ),
    responses((status = 200, description = "Looked at; `last_check` says what was found.", body = Connection)),
)]
pub async fn check_connection(
    State(state): State<ApiState>,
    Authenticated { caller, .. }: Authenticated,
    Path((tenant_id, purpose)): Path<(TenantId, PurposeName)>,
) -> Result<Json<Connection>, Problem> {
    known_tenant(&state, tenant_id)?;
    let (row, _) = commands::check_connection(&state.engine, &caller, purpose.0).await?;
    Ok(Json(Connection::new(row, state.engine.now())))
}
