//! The engine of one tenant: what it is made of, how it starts, how it keeps going.

use std::collections::BTreeSet;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;

use reseat_connectors::HrSource;
use reseat_domain::audit::{Draft, SubjectKey};
use reseat_domain::ids::{TenantId, UserId};
use reseat_domain::time::Timestamp;
use reseat_store::trail::Log;
use reseat_store::{Store, Tx, candidates, integration, trail};
use tokio::sync::{Notify, watch};

use crate::clock::Clock;
use crate::connections::{self, ConfiguredConnection, GraphAt, Live};
use crate::entropy::Entropy;
use crate::error::EngineError;
use crate::sealing::{Place, Sealer};
use crate::settings::Settings;
use crate::task::Task;
use crate::{advance, detect, planning, sync, verify, write_back};

/// What an engine is made of.
pub struct EngineParts {
    /// The database, migrated.
    pub store: Store,
    /// What time it is.
    pub clock: Arc<dyn Clock>,
    /// Randomness.
    pub entropy: Arc<dyn Entropy>,
    /// The master key.
    pub sealer: Sealer,
    /// The pinned tenant.
    pub tenant_id: TenantId,
    /// Its shown name.
    pub tenant_name: String,
    /// Where the tenant is.
    pub graph: GraphAt,
    /// The connections the configuration gives; others are entered in the console.
    pub configured: Vec<ConfiguredConnection>,
    /// The HR roster, if one is configured.
    pub hr: Option<Arc<dyn HrSource>>,
    /// How fast, how often, how much.
    pub settings: Settings,
    /// Names this server in leases.
    pub server_id: String,
    /// A file that stops all writes as long as it exists, whatever the database says: the second
    /// layer of the freeze, for whoever is at the host (`reseat freeze` makes it).
    pub freeze_file: Option<PathBuf>,
}

struct Inner {
    parts: EngineParts,
    /// What reads and writes the tenant now.
    live: Live,
    nudge: Notify,
    /// Until when Graph asked us to send no write, microseconds.
    writes_paused_until: AtomicI64,
    /// What was asked for of sign-in dates lately, whoever asked.
    sign_in_pace: sync::Pace,
}

/// The engine of one tenant. Cheap to clone.
#[derive(Clone)]
pub struct Engine(Arc<Inner>);

/// What one pass over the stages did.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct TickReport {
    /// Tasks that ran.
    pub synced: usize,
    /// Whether findings were made anew.
    pub detected: bool,
    /// Candidates that lost their ground.
    pub canceled: usize,
    /// Candidates put into a plan.
    pub planned: usize,
    /// Writes sent.
    pub written: usize,
    /// Readings taken after writes.
    pub read: usize,
}

impl TickReport {
    /// Whether anything was done at all.
    pub fn did_something(&self) -> bool {
        *self != Self::default()
    }
}

impl Engine {
    /// Makes sure that tenant, tasks and logs exist, and gives the engine. Running it twice changes
    /// nothing.
    ///
    /// # Errors
    /// [`EngineError`] when the database does not answer or the master key is not the one it was
    /// made with.
    pub async fn start(parts: EngineParts) -> Result<Self, EngineError> {
        let sign_in_pace = sync::Pace::new(parts.settings.sign_in_requests_per_minute);
        let engine = Self(Arc::new(Inner {
            parts,
            live: Live::default(),
            nudge: Notify::new(),
            writes_paused_until: AtomicI64::new(i64::MIN),
            sign_in_pace,
        }));
        let parts = &engine.0.parts;
        let now = engine.now();
        let mut tx = parts.store.write().await?;
        engine.begin_log(&mut tx, Log::Installation).await?;
        engine.begin_log(&mut tx, Log::Tenant(parts.tenant_id)).await?;
        let live_at_once = parts.settings.observe_days == 0;
        let observe_until = (!live_at_once).then(|| now.plus_days(parts.settings.observe_days));
        integration::insert_tenant(&mut tx, parts.tenant_id, &parts.tenant_name, observe_until, now).await?;
        engine.adopt_configured(&mut tx).await?;
        let intervals = parts.settings.intervals;
        for task in Task::ALL {
            let (enabled, interval) = match task {
                Task::ApplicationRoster => (true, intervals.people),
                Task::ApplicationAccess => (true, intervals.activity),
                Task::LicenseInformation => (true, intervals.skus),
                Task::LicenseDifferentiation => (true, intervals.people),
                Task::HrRoster => (parts.hr.is_some(), intervals.roster),
                // Off until somebody enables it (F15); a tenant set up as live has been asked.
                Task::Reclamation => (live_at_once, intervals.people),
            };
            integration::insert_task(&mut tx, parts.tenant_id, task.as_str(), enabled, interval, now).await?;
        }
        tx.commit().await?;
        engine.refresh_connections().await?;
        Ok(engine)
    }

    /// The database.
    pub fn store(&self) -> &Store {
        &self.0.parts.store
    }

    /// What time it is.
    pub fn now(&self) -> Timestamp {
        self.0.parts.clock.now()
    }

    /// The pinned tenant.
    pub fn tenant_id(&self) -> TenantId {
        self.0.parts.tenant_id
    }

    /// Randomness.
    pub fn entropy(&self) -> &dyn Entropy {
        self.0.parts.entropy.as_ref()
    }

    /// How fast, how often, how much.
    pub fn settings(&self) -> &Settings {
        &self.0.parts.settings
    }

    /// The master key, for the check that readable parts of the trail are what their entries bind.
    pub fn sealer(&self) -> &Sealer {
        &self.0.parts.sealer
    }

    pub(crate) fn parts(&self) -> &EngineParts {
        &self.0.parts
    }

    pub(crate) fn live(&self) -> &Live {
        &self.0.live
    }

    /// Why the file beside the data stops all writes, `None` when there is no such file. A file that
    /// cannot be looked for stops them too.
    pub fn freeze_file(&self) -> Option<String> {
        let path = self.parts().freeze_file.as_deref()?;
        match path.try_exists() {
            Ok(false) => None,
            Ok(true) => {
                Some(std::fs::read_to_string(path).map_or_else(|_| String::new(), |text| text.trim().to_owned()))
            }
            Err(error) => Some(format!("the freeze file cannot be looked for: {error}")),
        }
    }

    /// Random bytes for a new id.
    pub fn random<const N: usize>(&self) -> [u8; N] {
        let mut bytes = [0; N];
        self.entropy().fill(&mut bytes);
        bytes
    }

    /// Wakes the loop: something is due now.
    pub fn nudge(&self) {
        self.0.nudge.notify_one();
    }

    pub(crate) fn sign_in_pace(&self) -> &sync::Pace {
        &self.0.sign_in_pace
    }

    pub(crate) fn pause_writes_until(&self, until: Timestamp) {
        self.0.writes_paused_until.fetch_max(until.as_micros(), Ordering::SeqCst);
    }

    pub(crate) fn writes_paused(&self, now: Timestamp) -> bool {
        self.0.writes_paused_until.load(Ordering::SeqCst) > now.as_micros()
    }

    /// One pass over every stage that has work due now.
    ///
    /// # Errors
    /// The first stage that could not do its work.
    pub async fn tick(&self) -> Result<TickReport, EngineError> {
        let mut report = self.tick_reading().await?;
        let writing = self.tick_writing().await?;
        report.planned = writing.planned;
        report.written = writing.written;
        report.read = writing.read;
        Ok(report)
    }

    async fn tick_reading(&self) -> Result<TickReport, EngineError> {
        self.refresh_connections().await?;
        let synced = sync::run_due(self).await?;
        self.judge(synced).await
    }

    async fn tick_reading_beside_slow_lane(&self) -> Result<TickReport, EngineError> {
        self.refresh_connections().await?;
        let synced = sync::run_beside_slow_lane(self).await?;
        self.judge(synced).await
    }

    async fn tick_slow_lane(&self) -> Result<TickReport, EngineError> {
        Ok(TickReport { synced: sync::run_slow_lane(self).await?, ..TickReport::default() })
    }

    async fn judge(&self, synced: usize) -> Result<TickReport, EngineError> {
        let detected = detect::run_due(self).await?;
        let canceled = if detected { advance::cancel_groundless(self).await? } else { 0 };
        Ok(TickReport { synced, detected, canceled, ..TickReport::default() })
    }

    async fn tick_writing(&self) -> Result<TickReport, EngineError> {
        let watched = connections::watch_writer(self).await;
        let planned = planning::plan_approved(self).await;
        let written = write_back::run_due(self).await;
        // What was sent is looked at whatever keeps the next from being sent.
        let read = verify::run_due(self).await;
        watched?;
        Ok(TickReport { planned: planned?, written: written?, read: read?, ..TickReport::default() })
    }

    /// Keeps every stage going until `shutdown` says true. A pass that fails is logged and tried
    /// again; reading, the slow lane and writing go on beside each other.
    pub async fn run(&self, shutdown: watch::Receiver<bool>) {
        let reading = self.keep_going("reading", shutdown.clone(), || self.tick_reading_beside_slow_lane());
        let slow_lane = self.keep_going("sign-in dates", shutdown.clone(), || self.tick_slow_lane());
        let writing = self.keep_going("writing", shutdown, || self.tick_writing());
        tokio::join!(reading, slow_lane, writing);
    }

    async fn keep_going<F, R>(&self, what: &'static str, mut shutdown: watch::Receiver<bool>, pass: F)
    where
        F: Fn() -> R,
        R: Future<Output = Result<TickReport, EngineError>>,
    {
        while !*shutdown.borrow() {
            let wait = match pass().await {
                Ok(report) if report.did_something() => Duration::from_millis(20),
                Ok(_) => Duration::from_millis(300),
                Err(EngineError::Store(reseat_store::StoreError::Conflict)) => Duration::from_millis(50),
                Err(error) => {
                    tracing::warn!(stage = what, error = %error, "a pass could not finish; it is run again");
                    Duration::from_secs(2)
                }
            };
            tokio::select! {
                () = tokio::time::sleep(wait) => {}
                () = self.0.nudge.notified() => {}
                changed = shutdown.changed() => {
                    if changed.is_err() {
                        return;
                    }
                }
            }
        }
    }

    /// When the next thing is due: a task that reads, or a candidate.
    ///
    /// # Errors
    /// [`EngineError::Store`].
    pub async fn next_due_at(&self) -> Result<Option<Timestamp>, EngineError> {
        let mut tx = self.store().read().await?;
        let tasks = integration::list_tasks(&mut tx, self.tenant_id()).await?;
        let candidate = candidates::next_due(&mut tx, self.tenant_id()).await?;
        let reading: BTreeSet<&str> =
            Task::ALL.iter().filter(|task| sync::can_run(self, **task)).map(|task| task.as_str()).collect();
        let task = tasks
            .iter()
            .filter(|row| row.enabled && reading.contains(row.task.as_str()))
            .map(|row| Timestamp::from_micros(row.next_due_at))
            .min();
        Ok([candidate, task].into_iter().flatten().min())
    }

    async fn begin_log(&self, tx: &mut Tx, log: Log) -> Result<(), EngineError> {
        let name = log.name();
        let place = log_place(&name);
        match trail::find_head(tx, log).await? {
            // Opening the log's key proves that this is the right master key, before anything is written.
            Some(head) => {
                self.0.parts.sealer.open(&place, &head.sealed_key)?;
            }
            None => {
                let sealed = self.0.parts.sealer.seal(&place, &self.random::<32>(), self.entropy());
                trail::begin_log(tx, log, &sealed).await?;
            }
        }
        Ok(())
    }

    /// The key that commitments of an entry are made with: the person's, or the log's own.
    pub(crate) async fn subject_key(
        &self,
        tx: &mut Tx,
        log: Log,
        user_id: Option<&str>,
    ) -> Result<SubjectKey, EngineError> {
        let name = log.name();
        let opened = match (log, user_id) {
            (Log::Tenant(tenant_id), Some(user)) => {
                let user_id: UserId = user.parse().map_err(|_| {
                    EngineError::Inconsistent(format!("a trail entry is about {user:?}, which is no person"))
                })?;
                let place = Place { tenant: &name, table: "subject_keys", column: "sealed_key", row: user };
                let sealed = match trail::find_subject_key(tx, tenant_id, user_id).await? {
                    Some(sealed) => sealed,
                    None => {
                        let sealed = self.0.parts.sealer.seal(&place, &self.random::<32>(), self.entropy());
                        trail::insert_subject_key(tx, tenant_id, user_id, &sealed).await?;
                        trail::find_subject_key(tx, tenant_id, user_id).await?.unwrap_or(sealed)
                    }
                };
                self.0.parts.sealer.open(&place, &sealed)?
            }
            (Log::Tenant(_) | Log::Installation, _) => {
                let head = trail::find_head(tx, log)
                    .await?
                    .ok_or_else(|| EngineError::Inconsistent(format!("log {name} was not begun")))?;
                self.0.parts.sealer.open(&log_place(&name), &head.sealed_key)?
            }
        };
        let bytes: [u8; 32] = opened
            .try_into()
            .map_err(|_| EngineError::Inconsistent("a commitment key has the wrong length".to_owned()))?;
        Ok(SubjectKey::new(bytes))
    }

    /// Appends an entry to the trail, in the transaction of the change it tells of.
    ///
    /// # Errors
    /// [`EngineError`].
    pub async fn append_audit(&self, tx: &mut Tx, log: Log, draft: &Draft) -> Result<u64, EngineError> {
        let key = self.subject_key(tx, log, draft.readable.user_id.as_deref()).await?;
        Ok(trail::append(tx, log, draft, &key).await?)
    }
}

pub(crate) fn log_place(log: &str) -> Place<'_> {
    Place { tenant: log, table: "audit_heads", column: "sealed_key", row: log }
}
