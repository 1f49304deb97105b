//! A roster handed in as a file, under the same checks as one that is fetched.

use reseat_domain::ids::SyncRunId;
use reseat_domain::role::Permission;
use reseat_store::integration::{self, RunEnd};
use reseat_store::trail::Log;

use crate::commands::permit;
use crate::engine::Engine;
use crate::error::CommandError;
use crate::moves::{By, Caller, Note, entry};
use crate::sync::SyncError;
use crate::sync::roster::{Origin, import};
use crate::task::Task;

/// What an import brought in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Imported {
    /// Rows in use now.
    pub accepted: u64,
    /// Rows set apart: line and reason.
    pub quarantined: Vec<(u64, String)>,
}

/// Reads a roster file and puts it into use whole, or says why nothing of it is used. From then on
/// employment is a required signal of every rule.
///
/// # Errors
/// [`CommandError::Invalid`] when the file cannot be used, [`CommandError::Held`] when it is not believed.
pub async fn import_roster(engine: &Engine, caller: &Caller, bytes: &[u8]) -> Result<Imported, CommandError> {
    permit(caller, Permission::Sync)?;
    let tenant_id = engine.tenant_id();
    let now = engine.now();
    let task = Task::HrRoster.as_str();
    let run_id = SyncRunId::new(now, engine.random());
    let mut tx = engine.store().write().await?;
    integration::insert_run(&mut tx, tenant_id, run_id, task, now).await?;
    integration::begin_run(&mut tx, tenant_id, run_id, task, now).await?;
    tx.commit().await?;
    let result = import(engine, run_id, bytes, &Origin::HandedIn).await;
    let (end, answer) = match result {
        Ok(imported) => {
            let set_apart = imported.quarantined.len();
            let counts = serde_json::json!({ "rows": imported.accepted, "quarantined": set_apart });
            let end = RunEnd {
                status: "succeeded",
                text: format!("Read {} rows of the HR roster, {set_apart} set apart", imported.accepted),
                counts: counts.to_string(),
                error: None,
                remedy: None,
            };
            (end, Ok(Imported { accepted: imported.accepted, quarantined: imported.quarantined }))
        }
        Err(error) => refused(error)?,
    };
    let mut tx = engine.store().write().await?;
    integration::finish_run(&mut tx, tenant_id, run_id, &end, engine.now()).await?;
    let verb = if answer.is_ok() { "roster.imported" } else { "roster.refused" };
    let counts: serde_json::Value = serde_json::from_str(&end.counts).unwrap_or_default();
    let text = end.error.clone().unwrap_or_else(|| end.text.clone());
    let note = Note::with(text, serde_json::json!({ "task": task, "status": end.status, "counts": counts }));
    let draft = entry(engine, By::Person(caller), verb, ("sync_run", &run_id.to_string()), &note);
    engine.append_audit(&mut tx, Log::Tenant(tenant_id), &draft).await?;
    tx.commit().await?;
    engine.nudge();
    answer
}

type Ended = (RunEnd, Result<Imported, CommandError>);

/// How a run ends whose file is not used; what is no fault of the file is passed on.
fn refused(error: SyncError) -> Result<Ended, CommandError> {
    let (status, message, remedy) = match error {
        SyncError::Held(hold) => ("held", hold.to_string(), "Check the file, then import it again.".to_owned()),
        SyncError::Refused { message, remedy } => ("failed", message, remedy),
        SyncError::Source(error) => ("failed", error.to_string(), error.remedy().unwrap_or_default()),
        SyncError::Engine(error) => return Err(error.into()),
    };
    let end = RunEnd {
        status,
        text: "Nothing of it was used".to_owned(),
        counts: "{}".to_owned(),
        error: Some(message.clone()),
        remedy: Some(remedy.clone()),
    };
    if status == "held" {
        return Ok((end, Err(CommandError::Held { message, remedy })));
    }
    let message = if remedy.is_empty() { message } else { format!("{message}. {remedy}") };
    Ok((end, Err(CommandError::Invalid { field: "file", message })))
}
