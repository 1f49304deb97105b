//! `POST /syncs`

use axum::extract::State;
use http::StatusCode;
use reseat_engine::commands;
use reseat_store::read::syncs::find_run;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::caller::Authenticated;
use crate::extract::Json;
use crate::problem::Problem;
use crate::scalar::TaskName;
use crate::state::ApiState;
use crate::v1::syncs::Sync;

/// What to read.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct SyncRequest {
    /// Only this task; all enabled reading tasks when left out.
    pub task: Option<TaskName>,
}

/// The runs that were asked for.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct QueuedSyncs {
    /// One for each task.
    pub items: Vec<Sync>,
}

/// Asks for a reading now.
#[utoipa::path(
    post,
    path = "/syncs",
    tag = "syncs",
    request_body = SyncRequest,
    responses(
        (status = 202, description = "Queued.", body = QueuedSyncs),
        (status = 409, description = "The task is switched off, or reads nothing.", body = Problem),
    ),
)]
pub async fn create_sync(
    State(state): State<ApiState>,
    Authenticated { caller, .. }: Authenticated,
    Json(body): Json<SyncRequest>,
) -> Result<(StatusCode, Json<QueuedSyncs>), Problem> {
    let ids = commands::sync_now(&state.engine, &caller, body.task.map(|task| task.0)).await?;
    let mut tx = state.engine.store().read().await?;
    let mut items = Vec::with_capacity(ids.len());
    for id in ids {
        items.extend(find_run(&mut tx, state.engine.tenant_id(), id).await?.map(Sync::try_from).transpose()?);
    }
    Ok((StatusCode::ACCEPTED, Json(QueuedSyncs { items })))
}
