//! `GET /applications/{tenant_id}/quarantine`

use axum::extract::State;
use reseat_domain::ids::TenantId;
use reseat_store::read::syncs::{QuarantineCursor, QuarantineItem, list_quarantined};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use crate::extract::{Json, Limit, Page, Path, Query, next_cursor};
use crate::problem::Problem;
use crate::scalar::{Moment, TaskName};
use crate::state::ApiState;
use crate::v1::applications::known_tenant;
use crate::v1::syncs::task_of;

/// A row that could not be used.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct QuarantinedRow {
    /// Its id.
    pub id: String,
    /// Which task read it.
    pub task: TaskName,
    /// In which run.
    pub run_id: String,
    /// Line in the file, from 1.
    pub line: i64,
    /// Why it could not be used.
    pub reason: String,
    /// How it looked, shortened.
    pub sample: String,
    /// When.
    pub at: Moment,
}

/// Rows that could not be used, newest run first.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct QuarantineList {
    /// This page.
    pub items: Vec<QuarantinedRow>,
    /// Where the next page begins; null on the last one.
    pub next_cursor: Option<String>,
}

/// Which rows.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub struct QuarantineQuery {
    /// Only of this task.
    #[param(inline)]
    pub task: Option<TaskName>,
    /// How many, 1 to 200; 50 when left out.
    #[param(minimum = 1, maximum = 200, default = 50, value_type = Option<u32>)]
    pub limit: Option<Limit>,
    /// `next_cursor` of the page before.
    pub cursor: Option<String>,
}

/// Rows of files and reports that could not be used, with line and reason.
#[utoipa::path(
    get,
    path = "/applications/{tenant_id}/quarantine",
    tag = "applications",
    params(("tenant_id" = String, Path, description = "Which tenant."), QuarantineQuery),
    responses((status = 200, description = "Rows.", body = QuarantineList)),
)]
pub async fn list_quarantine(
    State(state): State<ApiState>,
    Path(tenant_id): Path<TenantId>,
    Query(query): Query<QuarantineQuery>,
) -> Result<Json<QuarantineList>, Problem> {
    let tenant_id = known_tenant(&state, tenant_id)?;
    let page = Page::new(query.limit, query.cursor);
    let after: Option<QuarantineCursor> = page.place()?;
    let task = query.task.map(|task| task.0.as_str());
    let mut tx = state.engine.store().read().await?;
    let found = list_quarantined(&mut tx, tenant_id, task, after.as_ref(), page.limit).await?;
    let items = found.items.into_iter().map(QuarantinedRow::try_from).collect::<Result<_, _>>()?;
    Ok(Json(QuarantineList { items, next_cursor: next_cursor(found.next) }))
}

impl TryFrom<QuarantineItem> for QuarantinedRow {
    type Error = Problem;

    fn try_from(row: QuarantineItem) -> Result<Self, Problem> {
        let QuarantineItem { id, task, run_id, line, reason, sample, at } = row;
        Ok(Self { id, task: task_of(&task)?, run_id, line, reason, sample, at: Moment::from_micros(at) })
    }
}
