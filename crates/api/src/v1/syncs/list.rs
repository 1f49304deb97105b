//! `GET /syncs`

use axum::extract::State;
use reseat_store::read::syncs::{RunCursor, list_runs};
use serde::Deserialize;
use utoipa::IntoParams;

use crate::extract::{Json, Limit, Page, Query, next_cursor};
use crate::problem::Problem;
use crate::scalar::TaskName;
use crate::state::ApiState;
use crate::v1::syncs::Sync;
use crate::v1::syncs::SyncList;

/// Which runs.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub struct SyncQuery {
    /// Only of this task.
    #[param(inline)]
    pub task: Option<TaskName>,
    /// How many, 1 to 200; 50 when left out.
    #[param(minimum = 1, maximum = 200, default = 50, value_type = Option<u32>)]
    pub limit: Option<Limit>,
    /// `next_cursor` of the page before.
    pub cursor: Option<String>,
}

/// Runs of integration tasks, newest first.
#[utoipa::path(
    get,
    path = "/syncs",
    tag = "syncs",
    params(SyncQuery),
    responses((status = 200, description = "Runs.", body = SyncList)),
)]
pub async fn list_syncs(
    State(state): State<ApiState>,
    Query(query): Query<SyncQuery>,
) -> Result<Json<SyncList>, Problem> {
    let page = Page::new(query.limit, query.cursor);
    let after: Option<RunCursor> = page.place()?;
    let task = query.task.map(|task| task.0.as_str());
    let mut tx = state.engine.store().read().await?;
    let found = list_runs(&mut tx, state.engine.tenant_id(), task, after.as_ref(), page.limit).await?;
    let items = found.items.into_iter().map(Sync::try_from).collect::<Result<_, _>>()?;
    Ok(Json(SyncList { items, next_cursor: next_cursor(found.next) }))
}
