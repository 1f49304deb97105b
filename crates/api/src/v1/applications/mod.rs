//! Tenants as an asset manager sees them, with their integration tasks.

use reseat_domain::ids::TenantId;
use reseat_domain::rule::FreshnessLimits;
use reseat_domain::time::Timestamp;
use reseat_engine::connections::NO_CONNECTION;
use reseat_engine::doctor::{is_stale, limit_hours};
use reseat_engine::sync::NOT_OFFERED;
use reseat_engine::{Purpose, Task};
use reseat_store::integration::SourceRow;
use reseat_store::read::applications::{self, TaskItem, find_application};
use reseat_store::rules::find_active_rule;
use serde::Serialize;
use utoipa::ToSchema;

use crate::integration_words;
use crate::problem::Problem;
use crate::scalar::{Moment, TaskName};
use crate::state::ApiState;
use crate::v1::applications::connections::{Connection, ExpiryWarning};
use crate::v1::syncs::Sync;
use crate::v1::syncs::task_of;
use crate::words;

pub mod change_task;
pub mod connections;
pub mod doctor;
pub mod list;
pub mod quarantine;
pub mod read;
pub mod write_settings;

/// How an application does.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum ApplicationStatus {
    /// The last runs succeeded.
    Working,
    /// A run failed or is held back.
    Failing,
    /// Nothing was read yet.
    New,
}

/// A tenant in the list.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct Application {
    /// The tenant's id.
    pub application_id: String,
    /// Shown name.
    pub name: String,
    /// How it does.
    pub status: ApplicationStatus,
    /// People known.
    pub people: i64,
    /// Seats held.
    pub seats: i64,
    /// When a run last succeeded.
    pub last_sync_at: Option<Moment>,
    /// What is wrong, if something is.
    pub problem: Option<String>,
}

/// Applications.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct ApplicationList {
    /// This page.
    pub items: Vec<Application>,
    /// Where the next page begins; null on the last one.
    pub next_cursor: Option<String>,
}

/// A tenant with everything on its Integration tab.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct ApplicationDetail {
    /// As in the list.
    #[serde(flatten)]
    pub application: Application,
    /// The ways in, without secrets.
    pub connections: Vec<Connection>,
    /// Secrets and certificates that end soon, or have ended.
    pub warnings: Vec<ExpiryWarning>,
    /// The integration tasks.
    pub tasks: Vec<IntegrationTask>,
    /// How fresh what was read is.
    pub sources: Vec<Source>,
    /// Which permission of Microsoft Graph each task needs, and why.
    pub permissions: Vec<GraphPermission>,
    /// Which addresses of Microsoft Graph each task calls.
    pub endpoints: Vec<GraphEndpoint>,
}

/// A job of the connection.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct IntegrationTask {
    /// Its word.
    pub task: TaskName,
    /// Shown name.
    pub label: String,
    /// What it does, in one sentence.
    pub description: String,
    /// Whether it runs.
    pub enabled: bool,
    /// Whether it can be switched.
    pub can_toggle: bool,
    /// Seconds between two runs; null when it has no schedule of its own.
    pub interval_seconds: Option<i64>,
    /// When it runs next.
    pub next_due_at: Option<Moment>,
    /// For `If-Match`.
    pub version: i64,
    /// Its last run.
    pub last_run: Option<Sync>,
    /// Why it does nothing although it is switched on, such as that there is no connection yet.
    pub blocked: Option<String>,
}

/// A source that findings rest on.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct Source {
    /// `people`, `skus`, `subscriptions`, `groups`, `sign_ins`, `roster`, `usage_report` or another usage report.
    pub source: String,
    /// Shown name.
    pub label: String,
    /// Up to when it knows.
    pub as_of: Option<Moment>,
    /// Rows in use.
    pub rows: i64,
    /// Why it gives nothing, if it gives nothing.
    pub problem: Option<String>,
    /// Whether Microsoft offers it to this tenant. What it does not offer has a problem and is nobody's fault.
    pub offered: bool,
    /// How old it may be, in hours; null when it has no limit.
    pub limit_hours: Option<u32>,
    /// Whether it is older than that.
    pub stale: bool,
}

/// A permission of Microsoft Graph that a task needs.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct GraphPermission {
    /// Which task.
    pub task: TaskName,
    /// Its name at Microsoft.
    pub permission: String,
    /// What for.
    pub why: String,
    /// Whether the task stops without it; otherwise it goes on and a signal is missing.
    pub required: bool,
}

/// An address of Microsoft Graph that a task calls.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct GraphEndpoint {
    /// Which task.
    pub task: TaskName,
    /// The method.
    pub method: String,
    /// The path.
    pub path: String,
}

/// The tenant of this server; every other one is not found.
///
/// # Errors
/// [`Problem`] 404.
pub fn known_tenant(state: &ApiState, tenant_id: TenantId) -> Result<TenantId, Problem> {
    if tenant_id == state.engine.tenant_id() { Ok(tenant_id) } else { Err(Problem::not_found("application")) }
}

impl From<&applications::Application> for Application {
    fn from(found: &applications::Application) -> Self {
        let ended_badly = found.tasks.iter().filter(|item| item.task.enabled).find_map(|item| {
            let run = item.last_run.as_ref().filter(|run| run.status == "failed" || run.status == "held")?;
            Some(run.error.clone().unwrap_or_else(|| run.progress_text.clone()))
        });
        let failing = found.connections.iter().find(|row| row.status == "failing" || row.status == "read_only");
        let connection = failing.and_then(|row| row.problem.clone());
        let problem = found.tenant.held_reason.clone().or(connection).or(ended_badly);
        let last_sync_at = found
            .tasks
            .iter()
            .filter_map(|item| item.last_run.as_ref().filter(|run| run.status == "succeeded")?.finished_at)
            .max();
        let published = found.sources.iter().any(|source| source.source == "people" && source.as_of.is_some());
        let status = match (&problem, published) {
            (Some(_), _) => ApplicationStatus::Failing,
            (None, true) => ApplicationStatus::Working,
            (None, false) => ApplicationStatus::New,
        };
        Self {
            application_id: found.tenant.tenant_id.clone(),
            name: found.tenant.name.clone(),
            status,
            people: found.people,
            seats: found.seats,
            last_sync_at: last_sync_at.map(Moment::from_micros),
            problem,
        }
    }
}

impl ApplicationDetail {
    /// Reads a tenant with everything on its Integration tab.
    ///
    /// # Errors
    /// [`Problem`] 404 for another tenant.
    pub async fn read(state: &ApiState, tenant_id: TenantId) -> Result<Self, Problem> {
        let tenant_id = known_tenant(state, tenant_id)?;
        let now = state.engine.now();
        let mut tx = state.engine.store().read().await?;
        let missing = || Problem::not_found("application");
        let found = find_application(&mut tx, tenant_id).await?.ok_or_else(missing)?;
        let limits = find_active_rule(&mut tx, tenant_id).await?.map(|rule| rule.limits).unwrap_or_default();
        Ok(Self {
            application: (&found).into(),
            warnings: ExpiryWarning::all(&found.connections, now),
            connections: found.connections.into_iter().map(|row| Connection::new(row, now)).collect(),
            tasks: found
                .tasks
                .into_iter()
                .map(|item| IntegrationTask::new(item, state.engine.has_reader()))
                .collect::<Result<_, _>>()?,
            sources: found.sources.into_iter().map(|row| Source::new(row, &limits, now)).collect(),
            permissions: Task::ALL.into_iter().flat_map(GraphPermission::of).collect(),
            endpoints: Task::ALL.into_iter().flat_map(GraphEndpoint::of).collect(),
        })
    }
}

impl IntegrationTask {
    /// A task as it is shown; without a reader, those that read the tenant have nothing to read with.
    fn new(item: TaskItem, has_reader: bool) -> Result<Self, Problem> {
        let task = task_of(&item.task.task)?;
        let scheduled = task.0.reads();
        Ok(Self {
            task,
            label: task.0.label().to_owned(),
            description: integration_words::description(task.0).to_owned(),
            enabled: item.task.enabled,
            can_toggle: integration_words::can_toggle(task.0),
            interval_seconds: scheduled.then_some(item.task.interval_seconds),
            next_due_at: (scheduled && item.task.enabled).then(|| Moment::from_micros(item.task.next_due_at)),
            version: item.task.version,
            last_run: item.last_run.map(Sync::try_from).transpose()?,
            blocked: (item.task.enabled && !has_reader && Purpose::of_task(task.0) == Some(Purpose::Reader))
                .then(|| NO_CONNECTION.to_owned()),
        })
    }
}

impl Source {
    /// A published source, with how old it may be under the rule in force.
    pub fn new(row: SourceRow, limits: &FreshnessLimits, now: Timestamp) -> Self {
        Self {
            label: words::source(&row.source).to_owned(),
            limit_hours: limit_hours(&row.source, limits),
            stale: is_stale(&row, limits, now),
            offered: row.problem.as_deref() != Some(NOT_OFFERED),
            source: row.source,
            as_of: row.as_of.map(Moment::from_micros),
            rows: row.row_count,
            problem: row.problem,
        }
    }
}

impl GraphPermission {
    fn of(task: Task) -> Vec<Self> {
        integration_words::permissions(task)
            .into_iter()
            .map(|(permission, why, required)| Self {
                task: TaskName(task),
                permission: permission.to_owned(),
                why: why.to_owned(),
                required,
            })
            .collect()
    }
}

impl GraphEndpoint {
    fn of(task: Task) -> Vec<Self> {
        let called = integration_words::endpoints(task).iter();
        called
            .map(|(method, path)| Self { task: TaskName(task), method: (*method).to_owned(), path: (*path).to_owned() })
            .collect()
    }
}
