//! The stage that reads the tenant and the HR roster. A round is written aside and swapped in only
//! when it is complete and believable; a source that cannot be read is a missing signal with its
//! reason, never a guess.

mod activity;
mod people;
mod reports;
pub mod roster;
mod sign_ins;
mod skus;

use reseat_connectors::ConnectorError;
use reseat_domain::gate::Hold;
use reseat_domain::ids::SyncRunId;
use reseat_store::integration::{self, Progress, RunEnd};
use reseat_store::trail::Log;
use reseat_store::{StoreError, Tx};

use crate::crash::crash_point;
use crate::engine::Engine;
use crate::error::EngineError;
use crate::moves::{By, Note, entry};
use crate::task::Task;

/// The problem of a usage report whose names are pseudonyms (F47 to F49, U1).
pub const CONCEALED: &str = "names in the usage reports are concealed";

/// The problem of sign-in data in a tenant without Entra ID P1.
pub const NO_PREMIUM: &str = "sign-in activity needs Microsoft Entra ID P1, which this tenant does not have";

/// After how many seconds a task that failed is tried again.
const RETRY_SECONDS: i64 = 300;

/// Why a run ended without publishing.
#[derive(Debug, thiserror::Error)]
pub(crate) enum SyncError {
    /// What was read is not believed; the last good round stays.
    #[error("{0}")]
    Held(#[from] Hold),
    /// The file as a whole cannot be used.
    #[error("{message}")]
    Refused {
        /// What is wrong.
        message: String,
        /// What to do about it.
        remedy: String,
    },
    /// The source did not answer, or not as it should.
    #[error("{0}")]
    Source(#[from] ConnectorError),
    /// The database, or this run's lease went to another server.
    #[error("{0}")]
    Engine(#[from] EngineError),
}

impl From<StoreError> for SyncError {
    fn from(error: StoreError) -> Self {
        Self::Engine(error.into())
    }
}

/// What a run brought in.
#[derive(Debug, Clone, Default)]
pub(crate) struct Outcome {
    /// One sentence.
    pub text: String,
    /// Counts by name.
    pub counts: serde_json::Map<String, serde_json::Value>,
}

/// A run while it goes on: keeps the lease and tells how far it is.
pub(crate) struct Running<'a> {
    pub engine: &'a Engine,
    pub task: Task,
    pub run_id: SyncRunId,
    epoch: i64,
}

impl Running<'_> {
    /// Tells how far the run is and keeps its lease; fails when the lease was lost.
    pub async fn progress(&self, progress: Progress) -> Result<(), EngineError> {
        let mut tx = self.engine.store().write().await?;
        self.keep_lease(&mut tx).await?;
        integration::set_progress(&mut tx, self.engine.tenant_id(), self.run_id, &progress).await?;
        tx.commit().await?;
        Ok(())
    }

    async fn keep_lease(&self, tx: &mut Tx) -> Result<(), EngineError> {
        let until = self.engine.now().plus_seconds(self.engine.settings().lease_seconds);
        let tenant_id = self.engine.tenant_id();
        if integration::extend_task_lease(tx, tenant_id, self.task.as_str(), self.epoch, until).await? {
            Ok(())
        } else {
            Err(StoreError::Conflict.into())
        }
    }
}

/// Runs every enabled task that is due, in the order in which they build on each other. Gives how
/// many ran.
///
/// # Errors
/// [`EngineError::Store`]; a source that fails ends its run and is no error of the stage.
pub async fn run_due(engine: &Engine) -> Result<usize, EngineError> {
    let mut ran = 0;
    for task in Task::ALL.into_iter().filter(|task| can_run(engine, *task)) {
        ran += usize::from(run_task(engine, task).await?);
    }
    Ok(ran)
}

/// Whether a task has something to read on a schedule: a roster that was only ever handed in as a
/// file has no source of its own.
pub fn can_run(engine: &Engine, task: Task) -> bool {
    task.reads() && (task != Task::HrRoster || engine.parts().hr.is_some())
}

async fn run_task(engine: &Engine, task: Task) -> Result<bool, EngineError> {
    let tenant_id = engine.tenant_id();
    let now = engine.now();
    let mut tx = engine.store().write().await?;
    let lease_until = now.plus_seconds(engine.settings().lease_seconds);
    let server = &engine.parts().server_id;
    let Some(epoch) = integration::claim_task(&mut tx, tenant_id, task.as_str(), server, now, lease_until).await?
    else {
        return Ok(false);
    };
    let run_id = match integration::find_open_run(&mut tx, tenant_id, task.as_str()).await? {
        Some(run) => run.id.parse().map_err(|_| EngineError::Inconsistent("a sync run has no id".to_owned()))?,
        None => {
            let run_id = SyncRunId::new(now, engine.random());
            integration::insert_run(&mut tx, tenant_id, run_id, task.as_str(), now).await?;
            run_id
        }
    };
    integration::begin_run(&mut tx, tenant_id, run_id, task.as_str(), now).await?;
    tx.commit().await?;
    crash_point("sync_begun");
    let running = Running { engine, task, run_id, epoch };
    let result = match task {
        Task::LicenseInformation => skus::run(&running).await,
        Task::ApplicationRoster => people::run(&running).await,
        Task::HrRoster => roster::run(&running).await,
        Task::ApplicationAccess => activity::run(&running).await,
        Task::LicenseDifferentiation | Task::Reclamation => Ok(Outcome::default()),
    };
    finish(&running, result).await?;
    Ok(true)
}

async fn finish(running: &Running<'_>, result: Result<Outcome, SyncError>) -> Result<(), EngineError> {
    let engine = running.engine;
    let tenant_id = engine.tenant_id();
    let now = engine.now();
    let failed = |status, text: &str, error: String, remedy: String| RunEnd {
        status,
        text: text.to_owned(),
        counts: "{}".to_owned(),
        error: Some(error),
        remedy: Some(remedy),
    };
    let (end, wait) = match result {
        Ok(outcome) => {
            let counts = serde_json::Value::Object(outcome.counts).to_string();
            let mut tx = engine.store().read().await?;
            let row = integration::list_tasks(&mut tx, tenant_id)
                .await?
                .into_iter()
                .find(|row| row.task == running.task.as_str());
            let interval = row.map_or(RETRY_SECONDS, |row| row.interval_seconds);
            (RunEnd { status: "succeeded", text: outcome.text, counts, error: None, remedy: None }, interval)
        }
        Err(SyncError::Held(hold)) => (
            failed(
                "held",
                "Held: what was read is not believed",
                hold.to_string(),
                "Check the source, then sync again.".to_owned(),
            ),
            RETRY_SECONDS * 12,
        ),
        Err(SyncError::Refused { message, remedy }) => {
            (failed("failed", "Nothing of it was used", message, remedy), RETRY_SECONDS * 12)
        }
        Err(SyncError::Source(error)) => {
            let remedy = error.remedy().unwrap_or_else(|| "It is tried again by itself.".to_owned());
            (failed("failed", "The source did not deliver", error.to_string(), remedy), RETRY_SECONDS)
        }
        // Another server has the task by now; its run counts.
        Err(SyncError::Engine(EngineError::Store(StoreError::Conflict))) => return Ok(()),
        Err(SyncError::Engine(error)) => return Err(error),
    };
    let mut tx = engine.store().write().await?;
    let next = now.plus_seconds(wait);
    if !integration::release_task(&mut tx, tenant_id, running.task.as_str(), running.epoch, next).await? {
        return Ok(());
    }
    integration::finish_run(&mut tx, tenant_id, running.run_id, &end, now).await?;
    if end.status == "succeeded" {
        integration::request_detection(&mut tx, tenant_id).await?;
    }
    let counts: serde_json::Value = serde_json::from_str(&end.counts).unwrap_or_default();
    let details = serde_json::json!({ "task": running.task.as_str(), "status": end.status, "counts": counts });
    let text = end.error.clone().unwrap_or_else(|| end.text.clone());
    let verb = if end.status == "succeeded" { "sync.succeeded" } else { "sync.failed" };
    let object = ("sync_run", running.run_id.to_string());
    let draft = entry(engine, By::Stage("sync"), verb, (object.0, &object.1), &Note::with(text, details));
    engine.append_audit(&mut tx, Log::Tenant(tenant_id), &draft).await?;
    tx.commit().await?;
    crash_point("sync_finished");
    engine.nudge();
    Ok(())
}
