//! `PATCH /applications/{tenant_id}/tasks/{task}`

use axum::extract::State;
use reseat_domain::ids::TenantId;
use reseat_engine::commands;
use serde::Deserialize;
use utoipa::ToSchema;

use crate::caller::Authenticated;
use crate::extract::{IfMatch, Json, Path};
use crate::problem::Problem;
use crate::scalar::TaskName;
use crate::state::ApiState;
use crate::v1::applications::ApplicationDetail;

/// Whether the task runs.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct TaskChange {
    /// On or off.
    pub enabled: bool,
}

/// Switches an integration task on or off.
#[utoipa::path(
    patch,
    path = "/applications/{tenant_id}/tasks/{task}",
    tag = "applications",
    params(
        ("tenant_id" = String, Path, description = "Which tenant."),
        ("task" = TaskName, Path, description = "Which task."),
        IfMatch,
    ),
    request_body = TaskChange,
    responses(
        (status = 200, description = "Switched.", body = ApplicationDetail),
        (status = 409, description = "This task cannot be switched.", body = Problem),
    ),
)]
pub async fn change_task(
    State(state): State<ApiState>,
    Authenticated { caller, .. }: Authenticated,
    Path((tenant_id, task)): Path<(TenantId, TaskName)>,
    if_match: IfMatch,
    Json(body): Json<TaskChange>,
) -> Result<Json<ApplicationDetail>, Problem> {
    let before = ApplicationDetail::read(&state, tenant_id).await?;
    let found = before.tasks.iter().find(|found| found.task == task).ok_or_else(|| Problem::not_found("task"))?;
    let version = if_match.check(found.version)?;
    if !found.can_toggle {
        return Err(Problem::not_allowed("This task cannot be switched: everything else rests on it."));
    }
    commands::set_task_enabled(&state.engine, &caller, task.0, body.enabled, version).await?;
    Ok(Json(ApplicationDetail::read(&state, tenant_id).await?))
}
