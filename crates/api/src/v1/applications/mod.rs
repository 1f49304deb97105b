//! Tenants as an asset manager sees them, with their integration tasks.

use reseat_domain::ids::TenantId;
use reseat_domain::rule::FreshnessLimits;
use reseat_domain::time::Timestamp;
use reseat_engine::Task;
use reseat_store::integration::SourceRow;
use reseat_store::read::applications::{self, ConnectionItem, TaskItem, find_application};
use reseat_store::rules::find_active_rule;
use serde::Serialize;
use utoipa::ToSchema;

use crate::integration_words;
use crate::problem::Problem;
use crate::scalar::{Moment, TaskName};
use crate::state::ApiState;
use crate::v1::syncs::Sync;
use crate::v1::syncs::task_of;
use crate::words;

pub mod change_task;
pub mod list;
pub mod quarantine;
pub mod read;

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
    /// The integration tasks.
    pub tasks: Vec<IntegrationTask>,
    /// How fresh what was read is.
    pub sources: Vec<Source>,
    /// Which permission of Microsoft Graph each task needs, and why.
    pub permissions: Vec<GraphPermission>,
    /// Which addresses of Microsoft Graph each task calls.
    pub endpoints: Vec<GraphEndpoint>,
}

/// A way into the tenant.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct Connection {
    /// `reader`, `writer` or `mailer`.
    pub purpose: String,
    /// `client_secret`, `certificate` or `authorization_code`.
    pub kind: String,
    /// The app registration.
    pub client_id: String,
    /// Microsoft Graph's root.
    pub graph_url: String,
    /// `configured`, `working`, or what is wrong.
    pub status: String,
    /// As of when.
    pub status_at: Option<Moment>,
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
}

/// A source that findings rest on.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct Source {
    /// `people`, `skus`, `sign_ins`, `usage_report` or `roster`.
    pub source: String,
    /// Shown name.
    pub label: String,
    /// Up to when it knows.
    pub as_of: Option<Moment>,
    /// Rows in use.
    pub rows: i64,
    /// Why it gives nothing, if it gives nothing.
    pub problem: Option<String>,
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
        let problem = found.tenant.held_reason.clone().or(ended_badly);
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
            connections: found.connections.into_iter().map(Connection::from).collect(),
            tasks: found.tasks.into_iter().map(IntegrationTask::try_from).collect::<Result<_, _>>()?,
            sources: found.sources.into_iter().map(|row| Source::new(row, &limits, now)).collect(),
            permissions: Task::ALL.into_iter().flat_map(GraphPermission::of).collect(),
            endpoints: Task::ALL.into_iter().flat_map(GraphEndpoint::of).collect(),
        })
    }
}

impl From<ConnectionItem> for Connection {
    fn from(item: ConnectionItem) -> Self {
        let ConnectionItem { purpose, kind, client_id, graph_url, status, status_at } = item;
        Self { purpose, kind, client_id, graph_url, status, status_at: status_at.map(Moment::from_micros) }
    }
}

impl TryFrom<TaskItem> for IntegrationTask {
    type Error = Problem;

    fn try_from(item: TaskItem) -> Result<Self, Problem> {
        let task = task_of(&item.task.task)?;
        let scheduled = task.0.reads();
        Ok(Self {
            task,
            label: integration_words::label(task.0).to_owned(),
            description: integration_words::description(task.0).to_owned(),
            enabled: item.task.enabled,
            can_toggle: integration_words::can_toggle(task.0),
            interval_seconds: scheduled.then_some(item.task.interval_seconds),
            next_due_at: (scheduled && item.task.enabled).then(|| Moment::from_micros(item.task.next_due_at)),
            version: item.task.version,
            last_run: item.last_run.map(Sync::try_from).transpose()?,
        })
    }
}

impl Source {
    /// A published source, with how old it may be under the rule in force.
    pub fn new(row: SourceRow, limits: &FreshnessLimits, now: Timestamp) -> Self {
        let limit_hours = match row.source.as_str() {
            "people" | "skus" => Some(limits.directory),
            "sign_ins" => Some(limits.sign_ins),
            "usage_report" => Some(limits.usage_report),
            "roster" => Some(limits.roster),
            _ => None,
        };
        let too_old =
            |limit: u32, as_of: i64| now.seconds_since(Timestamp::from_micros(as_of)) > i64::from(limit) * 3_600;
        Self {
            label: words::source(&row.source).to_owned(),
            source: row.source,
            as_of: row.as_of.map(Moment::from_micros),
            rows: row.row_count,
            problem: row.problem,
            limit_hours,
            stale: limit_hours.zip(row.as_of).is_some_and(|(limit, as_of)| too_old(limit, as_of)),
        }
    }
}

impl GraphPermission {
    fn of(task: Task) -> Vec<Self> {
        let needed = integration_words::permissions(task).iter();
        needed
            .map(|(permission, why)| Self {
                task: TaskName(task),
                permission: (*permission).to_owned(),
                why: (*why).to_owned(),
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
