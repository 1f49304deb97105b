//! `GET /applications/{tenant_id}/write-settings`

use axum::extract::State;
use reseat_domain::ids::TenantId;
use reseat_engine::write_back::why_no_write;
use reseat_store::write_settings::find_write_settings;

use crate::extract::{Json, Path};
use crate::problem::Problem;
use crate::state::ApiState;
use crate::v1::applications::write_settings::WriteSettings;

/// What may be written in a tenant, and when.
#[utoipa::path(
    get,
    path = "/applications/{tenant_id}/write-settings",
    tag = "applications",
    params(("tenant_id" = String, Path, description = "Which tenant.")),
    responses((status = 200, description = "The settings.", body = WriteSettings)),
)]
pub async fn read_write_settings(
    State(state): State<ApiState>,
    Path(tenant_id): Path<TenantId>,
) -> Result<Json<WriteSettings>, Problem> {
    Ok(Json(WriteSettings::read(&state, tenant_id).await?))
}

impl WriteSettings {
    /// Reads the settings of the tenant.
    ///
    /// # Errors
    /// [`Problem`] 404 for any other tenant.
    pub async fn read(state: &ApiState, tenant_id: TenantId) -> Result<Self, Problem> {
        if tenant_id != state.engine.tenant_id() {
            return Err(Problem::not_found("application"));
        }
        let mut tx = state.engine.store().read().await?;
        let found = find_write_settings(&mut tx, tenant_id).await?;
        Ok(Self {
            group_removal: found.group_removal,
            time_zone: found.time_zone,
            windows: found.windows.into_iter().map(Into::into).collect(),
            version: found.version,
            waits_because: why_no_write(&state.engine, &mut tx).await?,
        })
    }
}
