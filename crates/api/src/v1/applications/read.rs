//! `GET /applications/{tenant_id}`

use axum::extract::State;
use reseat_domain::ids::TenantId;

use crate::extract::{Json, Path};
use crate::problem::Problem;
use crate::state::ApiState;
use crate::v1::applications::ApplicationDetail;

/// A tenant with its connections, integration tasks and sources.
#[utoipa::path(
    get,
    path = "/applications/{tenant_id}",
    tag = "applications",
    params(("tenant_id" = String, Path, description = "Which tenant.")),
    responses((status = 200, description = "The application.", body = ApplicationDetail)),
)]
pub async fn read_application(
    State(state): State<ApiState>,
    Path(tenant_id): Path<TenantId>,
) -> Result<Json<ApplicationDetail>, Problem> {
    Ok(Json(ApplicationDetail::read(&state, tenant_id).await?))
}
