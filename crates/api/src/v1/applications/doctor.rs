//! `GET /applications/{tenant_id}/doctor`

use axum::extract::State;
use reseat_domain::ids::TenantId;
use reseat_engine::connections::ways_of;
use reseat_engine::doctor::{self, ConnectionHealth, Report, Severity, TaskHealth, TaskState};
use serde::Serialize;
use utoipa::ToSchema;

use crate::extract::{Json, Path};
use crate::problem::Problem;
use crate::scalar::{Moment, PurposeName, TaskName};
use crate::state::ApiState;
use crate::v1::applications::connections::tenant_word;
use crate::v1::applications::known_tenant;
use crate::v1::syncs::task_of;

/// What is missing, wrong, stale or broader than needed, as of this moment.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct Doctor {
    /// The pinned tenant.
    pub tenant_id: String,
    /// When it was looked at.
    pub at: Moment,
    /// Whether nothing needs a person.
    pub healthy: bool,
    /// What needs a person or is worth knowing, the worst first.
    pub findings: Vec<DoctorFinding>,
    /// The ways in, those that are not there too.
    pub connections: Vec<DoctorConnection>,
    /// The integration tasks.
    pub tasks: Vec<DoctorTask>,
    /// What was read.
    pub sources: Vec<DoctorSource>,
    /// Whether the tenant conceals names in its usage reports; null where that is not known.
    pub names_concealed: Option<bool>,
}

/// How bad it is.
#[derive(Debug, Clone, Copy, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum FindingSeverity {
    /// Something does not work.
    Problem,
    /// Something works in part, will not work soon, or is open wider than it should be.
    Warning,
    /// Worth knowing.
    Note,
}

/// Something the doctor says.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct DoctorFinding {
    /// How bad it is.
    pub severity: FindingSeverity,
    /// A purpose, a task, a source, or `tenant`.
    pub about: String,
    /// What is so.
    pub message: String,
    /// What to do about it.
    pub remedy: String,
}

/// One way in.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct DoctorConnection {
    /// What it is for.
    pub purpose: String,
    /// How it signs in; null when there is no such connection.
    pub kind: Option<String>,
    /// `configuration` or `console`.
    pub origin: Option<String>,
    /// The app registration.
    pub client_id: Option<String>,
    /// The app's name as Microsoft shows it.
    pub app_name: Option<String>,
    /// The person it acts for.
    pub signed_in_as: Option<String>,
    /// Whether it signs in.
    pub signs_in: bool,
    /// How its tenant was compared with the pinned one: `token`, `organization` or `address`.
    pub tenant: Option<String>,
    /// When secret or certificate ends.
    pub expires_at: Option<Moment>,
    /// What is wrong with it.
    pub problem: Option<String>,
    /// What to do about it.
    pub remedy: Option<String>,
}

/// Whether a task can do its work.
#[derive(Debug, Clone, Copy, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum DoctorTaskState {
    /// Everything it needs is there.
    Ready,
    /// It works, and something it could use is missing.
    Limited,
    /// It cannot work.
    Stopped,
    /// It may not write any more.
    ReadOnly,
    /// It has no connection.
    NoConnection,
    /// What it may do cannot be known without trying.
    Unknown,
}

/// One integration task.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct DoctorTask {
    /// Its word.
    pub task: TaskName,
    /// Shown name.
    pub label: String,
    /// Whether it is switched on.
    pub enabled: bool,
    /// The connection it goes through; null for what comes from elsewhere.
    pub purpose: Option<PurposeName>,
    /// Whether it can do its work.
    pub state: DoctorTaskState,
    /// What it needs, each with whether it is granted.
    pub needed: Vec<DoctorPermission>,
    /// What is granted and reaches further.
    pub broader: Vec<DoctorBroader>,
    /// Directory roles of Microsoft's that the signed-in person lacks.
    pub roles_missing: Vec<DoctorRole>,
    /// Whether a role is needed and the token does not say which ones the person has.
    pub roles_unknown: bool,
    /// What went wrong in its last run.
    pub last_failure: Option<String>,
    /// What to do about that.
    pub last_failure_remedy: Option<String>,
}

/// A permission a task stands on.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct DoctorPermission {
    /// Its name at Microsoft; null where no permission gives this to a signed-in person.
    pub permission: Option<String>,
    /// What for.
    pub why: String,
    /// Whether the task stops without it.
    pub required: bool,
    /// Whether it is granted; null where that is not known.
    pub granted: Option<bool>,
    /// The permissions that grant it.
    pub granted_by: Vec<String>,
}

/// A granted permission that reaches further than the task needs.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct DoctorBroader {
    /// Which.
    pub permission: String,
    /// What would be enough in its place.
    pub instead: Vec<String>,
    /// Whether no live tenant should grant it to this app.
    pub too_broad: bool,
}

/// A directory role the signed-in person lacks.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct DoctorRole {
    /// What for.
    pub why: String,
    /// Any one of these would do.
    pub any_of: Vec<String>,
    /// Whether the task stops without it.
    pub required: bool,
}

/// A source as it stands.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct DoctorSource {
    /// Its word.
    pub source: String,
    /// Up to when it knows.
    pub as_of: Option<Moment>,
    /// Whether it is older than the rule in force allows.
    pub stale: bool,
    /// Why it gives nothing.
    pub problem: Option<String>,
}

/// Looks at every connection and task now: signs in, reads what is granted, compares. Changes nothing.
#[utoipa::path(
    get,
    path = "/applications/{tenant_id}/doctor",
    tag = "connections",
    params(("tenant_id" = String, Path, description = "Which tenant.")),
    responses((status = 200, description = "What the doctor says.", body = Doctor)),
)]
pub async fn read_doctor(
    State(state): State<ApiState>,
    Path(tenant_id): Path<TenantId>,
) -> Result<Json<Doctor>, Problem> {
    known_tenant(&state, tenant_id)?;
    let report = doctor::examine(&ways_of(&state.engine)).await?;
    Ok(Json(report.try_into()?))
}

impl TryFrom<Report> for Doctor {
    type Error = Problem;

    fn try_from(report: Report) -> Result<Self, Problem> {
        let findings = report.findings.into_iter().map(|found| DoctorFinding {
            severity: found.severity.into(),
            about: found.about,
            message: found.message,
            remedy: found.remedy,
        });
        let sources = report.sources.into_iter().map(|source| DoctorSource {
            source: source.source,
            as_of: source.as_of.map(Moment),
            stale: source.stale,
            problem: source.problem,
        });
        Ok(Self {
            tenant_id: report.tenant_id.to_string(),
            at: report.at.into(),
            healthy: report.healthy,
            findings: findings.collect(),
            connections: report.connections.into_iter().map(DoctorConnection::from).collect(),
            tasks: report.tasks.into_iter().map(DoctorTask::try_from).collect::<Result<_, _>>()?,
            sources: sources.collect(),
            names_concealed: report.names_concealed,
        })
    }
}

impl From<Severity> for FindingSeverity {
    fn from(severity: Severity) -> Self {
        match severity {
            Severity::Problem => Self::Problem,
            Severity::Warning => Self::Warning,
            Severity::Note => Self::Note,
        }
    }
}

impl From<ConnectionHealth> for DoctorConnection {
    fn from(seen: ConnectionHealth) -> Self {
        Self {
            purpose: seen.purpose.to_owned(),
            kind: seen.kind,
            origin: seen.origin,
            client_id: seen.client_id,
            app_name: seen.app_name,
            signed_in_as: seen.signed_in_as,
            signs_in: seen.signs_in,
            tenant: seen.tenant.map(|check| tenant_word(check).to_owned()),
            expires_at: seen.expires_at.map(Moment),
            problem: seen.problem,
            remedy: seen.remedy,
        }
    }
}

impl From<TaskState> for DoctorTaskState {
    fn from(state: TaskState) -> Self {
        match state {
            TaskState::Ready => Self::Ready,
            TaskState::Limited => Self::Limited,
            TaskState::Stopped => Self::Stopped,
            TaskState::ReadOnly => Self::ReadOnly,
            TaskState::NoConnection => Self::NoConnection,
            TaskState::Unknown => Self::Unknown,
        }
    }
}

impl TryFrom<TaskHealth> for DoctorTask {
    type Error = Problem;

    fn try_from(seen: TaskHealth) -> Result<Self, Problem> {
        let texts = |names: Vec<&'static str>| names.into_iter().map(str::to_owned).collect::<Vec<_>>();
        let needed = seen.needed.into_iter().map(|need| DoctorPermission {
            permission: need.permission.map(str::to_owned),
            why: need.why,
            required: need.required,
            granted: need.granted,
            granted_by: need.granted_by,
        });
        let broader = seen.broader.into_iter().map(|broader| DoctorBroader {
            permission: broader.permission,
            instead: texts(broader.instead),
            too_broad: broader.too_broad,
        });
        let roles = seen.roles_missing.into_iter().map(|role| DoctorRole {
            why: role.why.to_owned(),
            any_of: texts(role.any_of),
            required: role.required,
        });
        Ok(Self {
            task: task_of(seen.task)?,
            label: seen.label.to_owned(),
            enabled: seen.enabled,
            purpose: seen.purpose.and_then(|word| word.parse().ok()).map(PurposeName),
            state: seen.state.into(),
            needed: needed.collect(),
            broader: broader.collect(),
            roles_missing: roles.collect(),
            roles_unknown: seen.roles_unknown,
            last_failure: seen.last_failure,
            last_failure_remedy: seen.last_failure_remedy,
        })
    }
}
