//! Switching integration tasks on and off.

use reseat_domain::role::Permission;
use reseat_store::integration;
use reseat_store::trail::Log;

use crate::commands::permit;
use crate::engine::Engine;
use crate::error::CommandError;
use crate::moves::{By, Caller, Note, entry};
use crate::task::Task;

/// Enables or disables a task, if it still is at `version`.
///
/// # Errors
/// [`CommandError::Conflict`] when somebody changed it since.
pub async fn set_task_enabled(
    engine: &Engine,
    caller: &Caller,
    task: Task,
    enabled: bool,
    version: i64,
) -> Result<(), CommandError> {
    permit(caller, Permission::Administer)?;
    let tenant_id = engine.tenant_id();
    let mut tx = engine.store().write().await?;
    let rows = integration::list_tasks(&mut tx, tenant_id).await?;
    let row = rows
        .iter()
        .find(|row| row.task == task.as_str())
        .ok_or_else(|| CommandError::NotFound(format!("There is no task {}.", task.as_str())))?;
    if row.version != version {
        return Err(CommandError::Conflict);
    }
    if enabled && task == Task::HrRoster && engine.parts().hr.is_none() {
        let known = integration::list_sources(&mut tx, tenant_id).await?.iter().any(|row| row.source == "roster");
        if !known {
            return Err(CommandError::NotAllowed(
                "No HR source is configured; import a roster file, and the task is switched on with it.".to_owned(),
            ));
        }
    }
    integration::set_task_enabled(&mut tx, tenant_id, task.as_str(), enabled).await?;
    // What is asked of a seat may have changed with it.
    integration::request_detection(&mut tx, tenant_id).await?;
    let verb = if enabled { "task.enabled" } else { "task.disabled" };
    let note = Note::with(
        format!("Task {} {}", task.as_str().replace('_', " "), if enabled { "enabled" } else { "disabled" }),
        serde_json::json!({ "task": task.as_str(), "enabled": enabled }),
    );
    let draft = entry(engine, By::Person(caller), verb, ("task", task.as_str()), &note);
    engine.append_audit(&mut tx, Log::Tenant(tenant_id), &draft).await?;
    tx.commit().await?;
    engine.nudge();
    Ok(())
}
