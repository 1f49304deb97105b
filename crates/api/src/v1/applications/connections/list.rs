//! `GET /applications/{tenant_id}/connections`

use axum::extract::State;
use reseat_domain::ids::TenantId;
use reseat_store::integration::list_connections;

use super::{Connection, ConnectionList};
use crate::extract::{Json, Path};
use crate::problem::Problem;
use crate::state::ApiState;
use crate::v1::applications::known_tenant;

/// The ways into a tenant, without secrets.
#[utoipa::path(
    get,
    path = "/applications/{tenant_id}/connections",
    tag = "connections",
    params(("tenant_id" = String, Path, description = "Which tenant.")),
    responses((status = 200, description = "Connections.", body = ConnectionList)),
)]
pub async fn list_all_connections(
    State(state): State<ApiState>,
    Path(tenant_id): Path<TenantId>,
) -> Result<Json<ConnectionList>, Problem> {
    let tenant_id = known_tenant(&state, tenant_id)?;
    let mut tx = state.engine.store().read().await?;
    let rows = list_connections(&mut tx, tenant_id).await?;
    let now = state.engine.now();
    let items = rows.into_iter().map(|row| Connection::new(row, now)).collect();
    Ok(Json(ConnectionList { items, next_cursor: None }))
}
