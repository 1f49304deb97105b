//! `GET /findings/{finding_id}`

use axum::extract::State;
use reseat_domain::ids::FindingId;
use reseat_store::read::findings::find_finding;

use crate::extract::{Json, Path};
use crate::problem::Problem;
use crate::state::ApiState;
use crate::v1::findings::FindingDetail;

/// A finding with its evidence.
#[utoipa::path(
    get,
    path = "/findings/{finding_id}",
    tag = "findings",
    params(("finding_id" = String, Path, description = "Which finding.")),
    responses((status = 200, description = "The finding.", body = FindingDetail)),
)]
pub async fn read_finding(
    State(state): State<ApiState>,
    Path(id): Path<FindingId>,
) -> Result<Json<FindingDetail>, Problem> {
    let mut tx = state.engine.store().read().await?;
    let found = find_finding(&mut tx, state.engine.tenant_id(), id).await?;
    Ok(Json(found.ok_or_else(|| Problem::not_found("finding"))?.into()))
}
