//! `GET /audit/{seq}`

use axum::extract::State;
use reseat_store::read::audit::find_entry;
use serde::Deserialize;
use utoipa::IntoParams;

use crate::extract::{Json, Path, Query};
use crate::problem::Problem;
use crate::state::ApiState;
use crate::v1::audit::AuditDetail;
use crate::v1::audit::list::AuditLog;

/// Of which log.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub struct AuditEntryQuery {
    /// Which log; the tenant's when left out.
    #[param(inline)]
    pub log: Option<AuditLog>,
}

/// One entry with everything its hash covers.
#[utoipa::path(
    get,
    path = "/audit/{seq}",
    tag = "audit",
    params(("seq" = u64, Path, description = "Which entry."), AuditEntryQuery),
    responses((status = 200, description = "The entry.", body = AuditDetail)),
)]
pub async fn read_audit(
    State(state): State<ApiState>,
    Path(seq): Path<i64>,
    Query(query): Query<AuditEntryQuery>,
) -> Result<Json<AuditDetail>, Problem> {
    let log = query.log.unwrap_or_default().of(state.engine.tenant_id());
    let mut tx = state.engine.store().read().await?;
    let found = find_entry(&mut tx, log, seq).await?;
    Ok(Json(found.ok_or_else(|| Problem::not_found("entry"))?.into()))
}
