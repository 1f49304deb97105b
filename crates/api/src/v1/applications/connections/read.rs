//! `GET /applications/{tenant_id}/connections/{purpose}`

use axum::extract::State;
use reseat_domain::ids::TenantId;
use reseat_store::integration::find_connection;

use super::Connection;
use crate::extract::{Json, Path};
use crate::problem::Problem;
use crate::scalar::PurposeName;
use crate::state::ApiState;
use crate::v1::applications::known_tenant;

/// One way into a tenant, without its secret.
#[utoipa::path(
    get,
    path = "/applications/{tenant_id}/connections/{purpose}",
    tag = "connections",
    params(
        ("tenant_id" = String, Path, description = "Which tenant."),
        ("purpose" = PurposeName, Path, description = "What it is for."),
    ),
    responses((status = 200, description = "The connection.", body = Connection)),
)]
pub async fn read_connection(
    State(state): State<ApiState>,
    Path((tenant_id, purpose)): Path<(TenantId, PurposeName)>,
) -> Result<Json<Connection>, Problem> {
    let tenant_id = known_tenant(&state, tenant_id)?;
    let mut tx = state.engine.store().read().await?;
    let row = find_connection(&mut tx, tenant_id, purpose.0.as_str()).await?;
    let row = row.ok_or_else(|| Problem::not_found("connection"))?;
    Ok(Json(Connection::new(row, state.engine.now())))
}
