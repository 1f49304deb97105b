//! `GET /syncs/{sync_id}`

use axum::extract::State;
use reseat_domain::ids::SyncRunId;
use reseat_store::read::syncs::find_run;

use crate::extract::{Json, Path};
use crate::problem::Problem;
use crate::state::ApiState;
use crate::v1::syncs::Sync;

/// A run and how far it is.
#[utoipa::path(
    get,
    path = "/syncs/{sync_id}",
    tag = "syncs",
    params(("sync_id" = String, Path, description = "Which run.")),
    responses((status = 200, description = "The run.", body = Sync)),
)]
pub async fn read_sync(State(state): State<ApiState>, Path(id): Path<SyncRunId>) -> Result<Json<Sync>, Problem> {
    let mut tx = state.engine.store().read().await?;
    let found = find_run(&mut tx, state.engine.tenant_id(), id).await?;
    Ok(Json(found.ok_or_else(|| Problem::not_found("run"))?.try_into()?))
}
