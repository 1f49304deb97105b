//! Read now instead of at the next due time.

use reseat_domain::ids::SyncRunId;
use reseat_domain::role::Permission;
use reseat_store::trail::Log;
use reseat_store::{Tx, integration};

use crate::commands::permit;
use crate::connections::{NO_CONNECTION, Purpose, SET_UP};
use crate::engine::Engine;
use crate::error::CommandError;
use crate::moves::{By, Caller, Note, entry};
use crate::sync::can_run;
use crate::task::Task;

/// Queues a run of one task, or of every enabled task that reads. Gives the runs; one that waits
/// already stays the one.
///
/// # Errors
/// [`CommandError::NotAllowed`] for a task that is disabled or reads nothing by itself.
pub async fn sync_now(engine: &Engine, caller: &Caller, task: Option<Task>) -> Result<Vec<SyncRunId>, CommandError> {
    permit(caller, Permission::Sync)?;
    let tenant_id = engine.tenant_id();
    let mut tx = engine.store().write().await?;
    let enabled: Vec<String> = integration::list_tasks(&mut tx, tenant_id)
        .await?
        .into_iter()
        .filter(|row| row.enabled)
        .map(|row| row.task)
        .collect();
    let ready = |task: Task| can_run(engine, task) && enabled.iter().any(|word| word == task.as_str());
    let tasks: Vec<Task> = match task {
        Some(task) if ready(task) => vec![task],
        Some(task) if task.reads() && Purpose::of_task(task).is_some() && !engine.has_reader() => {
            return Err(CommandError::NotAllowed(format!("{NO_CONNECTION} {SET_UP}")));
        }
        Some(task) => {
            let words = task.as_str().replace('_', " ");
            return Err(CommandError::NotAllowed(format!("The task {words} is disabled, or has nothing to read.")));
        }
        None => Task::ALL.into_iter().filter(|task| ready(*task)).collect(),
    };
    let mut runs = Vec::with_capacity(tasks.len());
    for task in tasks {
        runs.push(queue(engine, &mut tx, caller, task).await?);
    }
    tx.commit().await?;
    engine.nudge();
    Ok(runs)
}

async fn queue(engine: &Engine, tx: &mut Tx, caller: &Caller, task: Task) -> Result<SyncRunId, CommandError> {
    let tenant_id = engine.tenant_id();
    let now = engine.now();
    let open = integration::find_open_run(tx, tenant_id, task.as_str()).await?;
    let run_id = match open.and_then(|run| run.id.parse().ok()) {
        Some(run_id) => run_id,
        None => {
            let run_id = SyncRunId::new(now, engine.random());
            integration::insert_run(tx, tenant_id, run_id, task.as_str(), now).await?;
            run_id
        }
    };
    integration::make_task_due(tx, tenant_id, task.as_str(), now).await?;
    let note = Note::with("Sync asked for", serde_json::json!({ "task": task.as_str() }));
    let draft = entry(engine, By::Person(caller), "sync.requested", ("sync_run", &run_id.to_string()), &note);
    engine.append_audit(tx, Log::Tenant(tenant_id), &draft).await?;
    Ok(run_id)
}
