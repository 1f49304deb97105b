//! `PATCH /applications/{tenant_id}/tasks/{task}`

use axum::extract::State;
use reseat_domain::ids::TenantId;
use reseat_engine::commands;
use serde::Deserialize;
use utoipa::ToSchema;

use crate::caller::Authenticated;
use crate::extract::{IfMatch, Json, Path};
use crate::problem::{Problem, ProblemBody};
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
        (status = 409, description = "This task cannot be switched.", body = ProblemBody),
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

#[cfg(test)]
mod tests {
    use serde_json::json;

    use crate::tests::Api;

    #[tokio::test]
    async fn a_task_is_switched_by_an_administrator_on_the_version_that_was_read() {
        let api = Api::synced().await;
        let admin = api.admin().await;
        let tenant = format!("/applications/{}", api.world.tenant_id());
        let before = admin.get(&tenant).await.ok();
        assert_eq!(before["status"], "working", "{before:#}");
        let task = |detail: &serde_json::Value, word: &str| {
            let tasks = detail["tasks"].as_array().expect("tasks").clone();
            tasks.into_iter().find(|task| task["task"] == word).expect("the task")
        };
        let reclamation = task(&before, "reclamation");
        let path = format!("{tenant}/tasks/reclamation");
        let off = json!({"enabled": false});
        api.manager().await.if_match(&reclamation["version"]).patch(&path, off.clone()).await.refused(403, "forbidden");
        admin.clone().if_match(&json!(99)).patch(&path, off.clone()).await.refused(412, "precondition_failed");
        let after = admin.clone().if_match(&reclamation["version"]).patch(&path, off.clone()).await.ok();
        assert_eq!(task(&after, "reclamation")["enabled"], false);
        let roster = task(&before, "application_roster");
        assert_eq!(roster["can_toggle"], false);
        let path = format!("{tenant}/tasks/application_roster");
        admin.clone().if_match(&roster["version"]).patch(&path, off.clone()).await.refused(409, "not_allowed");
        let other = "/applications/00000000-0000-4000-8000-000000000000/tasks/reclamation";
        admin.if_match(&json!(1)).patch(other, off).await.refused(404, "not_found");
        api.finish().await;
    }
}
