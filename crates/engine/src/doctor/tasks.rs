//! What each integration task needs and has.

use std::collections::{BTreeMap, BTreeSet};

use reseat_domain::permission::{Access, Judgement, Rights, Work};
use reseat_store::read::applications::{Application, TaskItem};
use serde::Serialize;

use crate::connections::Purpose;
use crate::doctor::Seen;
use crate::task::Task;

/// Whether a task can do its work.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum TaskState {
    /// Everything it needs is there.
    Ready,
    /// It works, and something it could use is missing.
    Limited,
    /// It cannot work.
    Stopped,
    /// It reads, and may not write any more (X7).
    ReadOnly,
    /// It has no connection.
    NoConnection,
    /// What it may do cannot be known without trying.
    Unknown,
}

/// A permission a task stands on.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct NeededPermission {
    /// Its name at Microsoft; none where no permission gives this to a signed-in person.
    pub permission: Option<&'static str>,
    /// What for.
    pub why: String,
    /// Whether the task stops without it.
    pub required: bool,
    /// Whether it is granted; none where that is not known.
    pub granted: Option<bool>,
    /// The permissions that grant it.
    pub granted_by: Vec<String>,
}

/// A granted permission that reaches further than the task needs.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct BroaderPermission {
    /// Which.
    pub permission: String,
    /// What would be enough in its place; empty when nothing is needed of it.
    pub instead: Vec<&'static str>,
    /// Whether no live tenant should grant it to this app.
    pub too_broad: bool,
}

/// A directory role a signed-in person lacks.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct MissingDirectoryRole {
    /// What for.
    pub why: &'static str,
    /// Any one of these would do.
    pub any_of: Vec<&'static str>,
    /// Whether the task stops without it.
    pub required: bool,
}

/// One integration task.
#[derive(Debug, Clone, Serialize)]
pub struct TaskHealth {
    /// Its word.
    pub task: &'static str,
    /// Its shown name.
    pub label: &'static str,
    /// Whether it is switched on.
    pub enabled: bool,
    /// The connection it goes through; none for what comes from elsewhere.
    pub purpose: Option<&'static str>,
    /// Whether it can do its work.
    pub state: TaskState,
    /// What it needs, each with whether it is granted.
    pub needed: Vec<NeededPermission>,
    /// What is granted and reaches further.
    pub broader: Vec<BroaderPermission>,
    /// Directory roles the signed-in person lacks; for delegated connections.
    pub roles_missing: Vec<MissingDirectoryRole>,
    /// Whether a role is needed and the token does not say which ones the person has.
    pub roles_unknown: bool,
    /// What went wrong in its last run.
    pub last_failure: Option<String>,
    /// What to do about that.
    pub last_failure_remedy: Option<String>,
}

/// The works that make up a task's table of permissions.
pub const fn work_of(task: Task) -> Option<Work> {
    match task {
        Task::ApplicationRoster => Some(Work::ApplicationRoster),
        Task::ApplicationAccess => Some(Work::ApplicationAccess),
        Task::LicenseDifferentiation => Some(Work::LicenseDifferentiation),
        Task::LicenseInformation => Some(Work::LicenseInformation),
        Task::Reclamation => Some(Work::Reclamation),
        Task::HrRoster => None,
    }
}

/// Every task, judged by what was seen of its connection.
pub(super) fn judge(found: Option<&Application>, seen: &[Seen]) -> Vec<TaskHealth> {
    let judged: BTreeMap<Purpose, Judgement> =
        seen.iter().filter_map(|seen| Some((seen.purpose, seen.checked.judged(seen.purpose.works())?))).collect();
    Task::ALL
        .into_iter()
        .map(|task| {
            let item = found.and_then(|found| found.tasks.iter().find(|item| item.task.task == task.as_str()));
            health(task, item, seen, &judged)
        })
        .collect()
}

fn health(task: Task, item: Option<&TaskItem>, seen: &[Seen], judged: &BTreeMap<Purpose, Judgement>) -> TaskHealth {
    let purpose = Purpose::of_task(task);
    let connection = seen.iter().find(|seen| Some(seen.purpose) == purpose);
    let work = work_of(task);
    let rights = purpose
        .and_then(|purpose| judged.get(&purpose))
        .and_then(|judged| judged.works.iter().find(|rights| Some(rights.work) == work));
    let access = match connection.and_then(|seen| seen.row.as_ref()) {
        Some(row) if row.kind == "authorization_code" => Access::Delegated,
        Some(_) | None => Access::Application,
    };
    let failed =
        item.and_then(|item| item.last_run.as_ref()).filter(|run| run.status == "failed" || run.status == "held");
    TaskHealth {
        task: task.as_str(),
        label: task.label(),
        enabled: item.is_some_and(|item| item.task.enabled),
        purpose: purpose.map(Purpose::as_str),
        state: state(connection, rights),
        needed: needed(work, rights, access),
        broader: rights.map(broader).unwrap_or_default(),
        roles_missing: rights.map(roles_missing).unwrap_or_default(),
        roles_unknown: rights.is_some_and(|rights| rights.roles_unknown),
        last_failure: failed.and_then(|run| run.error.clone()),
        last_failure_remedy: failed.and_then(|run| run.remedy.clone()),
    }
}

fn state(connection: Option<&Seen>, rights: Option<&Rights>) -> TaskState {
    let Some(connection) = connection else { return TaskState::Ready };
    if connection.row.is_none() {
        return TaskState::NoConnection;
    }
    let Some(rights) = rights else { return TaskState::Stopped };
    if rights.missing.iter().any(|missing| missing.required) {
        return TaskState::Stopped;
    }
    if rights.roles_missing.iter().any(|role| role.required) {
        return if rights.work == Work::Reclamation { TaskState::ReadOnly } else { TaskState::Stopped };
    }
    if rights.unknown.iter().any(|need| need.required) || rights.roles_unknown {
        return TaskState::Unknown;
    }
    if rights.missing.is_empty() && rights.roles_missing.is_empty() { TaskState::Ready } else { TaskState::Limited }
}

fn needed(work: Option<Work>, rights: Option<&Rights>, access: Access) -> Vec<NeededPermission> {
    let needs = work.map(Work::needs).unwrap_or_default();
    needs
        .iter()
        .map(|need| {
            let by =
                rights.and_then(|rights| rights.granted.iter().find(|granted| granted.capability == need.capability));
            let missing =
                rights.is_some_and(|it| it.missing.iter().any(|missing| missing.capability == need.capability));
            NeededPermission {
                permission: need.capability.least(access),
                why: need.capability.words().to_owned(),
                required: need.required,
                granted: if by.is_some() { Some(true) } else { missing.then_some(false) },
                granted_by: by.map(|by| by.by.clone()).unwrap_or_default(),
            }
        })
        .collect()
}

fn broader(rights: &Rights) -> Vec<BroaderPermission> {
    let all: BTreeSet<_> = rights.broader_than_needed.iter().collect();
    all.into_iter()
        .map(|broader| BroaderPermission {
            permission: broader.permission.clone(),
            instead: broader.instead.clone(),
            too_broad: broader.too_broad,
        })
        .collect()
}

fn roles_missing(rights: &Rights) -> Vec<MissingDirectoryRole> {
    rights
        .roles_missing
        .iter()
        .map(|role| MissingDirectoryRole {
            why: role.capability.words(),
            any_of: role.any_of.iter().map(|role| role.name()).collect(),
            required: role.required,
        })
        .collect()
}
