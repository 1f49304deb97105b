//! The stage that reads the tenant and the HR roster. A round is written aside and swapped in only
//! when it is complete and believable; a source that cannot be read is a missing signal with its
//! reason, never a guess.

mod activity;
mod changes;
mod pace;
mod people;
mod people_state;
mod reading;
mod reports;
pub mod roster;
mod sign_ins;
mod skus;

use std::time::Duration;

use reseat_connectors::ConnectorError;
use reseat_domain::gate::Hold;
use reseat_domain::ids::SyncRunId;
use reseat_domain::time::Timestamp;
use reseat_store::integration::{self, Progress, RunEnd};
use reseat_store::trail::Log;
use reseat_store::{StoreError, Tx};

use crate::connections::{self, Purpose};
use crate::crash::crash_point;
use crate::engine::Engine;
use crate::error::EngineError;
use crate::moves::{By, Note, entry};
use crate::task::Task;

pub(crate) use pace::Pace;

/// The problem of a usage report whose names are pseudonyms (F47 to F49, U1).
pub const CONCEALED: &str = "names in the usage reports are concealed";

/// What to do about it (F49). The switch belongs to the tenant's administrators; Reseat never turns it.
pub const CONCEALED_REMEDY: &str = "In the Microsoft 365 admin center open Settings, Org settings, Services, Reports, \
     clear \"Display concealed user, group, and site names in all reports\", and sync again; until Microsoft has made \
     the reports anew, up to 48 hours may pass.";

/// The problem of a usage report that Microsoft does not offer here, as in national clouds (5.1).
pub const NOT_OFFERED: &str = "Microsoft does not offer this report to this tenant";

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
    /// The run is not at its end: it rests, and goes on from here.
    pub resume_at: Option<Timestamp>,
}

/// A run while it goes on: keeps the lease and tells how far it is.
pub(crate) struct Running<'a> {
    pub engine: &'a Engine,
    pub task: Task,
    pub run_id: SyncRunId,
    /// Somebody asked for this run, or it was interrupted: it reads everything.
    pub asked: bool,
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

    /// Waits for something outside, however long it takes, and keeps the lease meanwhile.
    ///
    /// # Errors
    /// [`StoreError::Conflict`] when the lease was lost; what was waited for is given up then.
    pub async fn alive<T>(&self, work: impl Future<Output = T>) -> Result<T, EngineError> {
        let lease = u64::try_from(self.engine.settings().lease_seconds).unwrap_or(0);
        let every = Duration::from_millis((lease * 1_000 / 3).max(500));
        let mut work = std::pin::pin!(work);
        loop {
            tokio::select! {
                biased;
                done = &mut work => return Ok(done),
                () = tokio::time::sleep(every) => {
                    let mut tx = self.engine.store().write().await?;
                    self.keep_lease(&mut tx).await?;
                    tx.commit().await?;
                }
            }
        }
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
    run_each(engine, |_| true).await
}

/// Runs every task that is due except the slow lane, once that has begun: it then goes on beside the
/// others, in [`run_slow_lane`].
pub(crate) async fn run_beside_slow_lane(engine: &Engine) -> Result<usize, EngineError> {
    let begun = has_slow_lane(engine).await?;
    run_each(engine, |task| task != Task::ApplicationAccess || !begun).await
}

/// Runs the slow lane, once people are there to be matched and its source has answered.
pub(crate) async fn run_slow_lane(engine: &Engine) -> Result<usize, EngineError> {
    if has_slow_lane(engine).await? { run_each(engine, |task| task == Task::ApplicationAccess).await } else { Ok(0) }
}

async fn has_slow_lane(engine: &Engine) -> Result<bool, EngineError> {
    let mut tx = engine.store().read().await?;
    let sources = integration::list_sources(&mut tx, engine.tenant_id()).await?;
    Ok(sources.iter().any(|row| row.source == "sign_ins"))
}

async fn run_each(engine: &Engine, wanted: impl Fn(Task) -> bool) -> Result<usize, EngineError> {
    let mut ran = 0;
    for task in Task::ALL.into_iter().filter(|task| can_run(engine, *task) && wanted(*task)) {
        ran += usize::from(run_task(engine, task).await?);
    }
    Ok(ran)
}

/// Whether a task has something to read on a schedule: a roster that was only ever handed in as a
/// file has no source of its own, and a tenant may have no connection yet.
pub fn can_run(engine: &Engine, task: Task) -> bool {
    match Purpose::of_task(task) {
        // Without a connection there is nothing to fail at; the task says so plainly.
        Some(_) => task.reads() && engine.has_reader(),
        None => task.reads() && engine.parts().hr.is_some(),
    }
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
    let open = integration::find_open_run(&mut tx, tenant_id, task.as_str()).await?;
    let asked = open.is_some();
    let run_id = match open {
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
    let running = Running { engine, task, run_id, asked, epoch };
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
    if let Ok(Outcome { resume_at: Some(at), .. }) = &result {
        let mut tx = engine.store().write().await?;
        if integration::release_task(&mut tx, tenant_id, running.task.as_str(), running.epoch, *at).await? {
            tx.commit().await?;
        }
        return Ok(());
    }
    let failed = |status, text: &str, error: String, remedy: String| RunEnd {
        status,
        text: text.to_owned(),
        counts: "{}".to_owned(),
        error: Some(error),
        remedy: Some(remedy),
    };
    let mut reading = None;
    let (end, wait) = match result {
        Ok(outcome) => {
            reading = Some(Ok(()));
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
            let message = stopped(running.task, &error);
            reading = Some(Err(error));
            (failed("failed", "The source did not deliver", message, remedy), RETRY_SECONDS)
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
    if let Some(reading) = reading.filter(|_| Purpose::of_task(running.task).is_some()) {
        connections::note_reading(engine, &mut tx, reading.as_ref().copied()).await?;
    }
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

/// What a run says that a source stopped: a task whose right is gone names itself and the right.
fn stopped(task: Task, error: &ConnectorError) -> String {
    if let ConnectorError::MissingPermission { .. } = error {
        return format!("{} is stopped: {error}", task.label());
    }
    error.to_string()
}
