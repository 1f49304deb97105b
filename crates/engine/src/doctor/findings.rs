//! What needs a person, in sentences, the worst first.

use reseat_store::read::applications::Application;
use serde::Serialize;

use crate::connections::{Purpose, TenantCheck, broad_grants};
use crate::doctor::tasks::{TaskHealth, TaskState};
use crate::doctor::{Seen, SourceHealth};
use crate::sync::NOT_OFFERED;
use crate::task::Task;

/// How bad it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Severity {
    /// Something does not work.
    Problem,
    /// Something will not work soon, works in part, or is open wider than it should be.
    Warning,
    /// Worth knowing.
    Note,
}

/// Something the doctor says.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Finding {
    /// How bad it is.
    pub severity: Severity,
    /// What it is about: a purpose, a task or a source.
    pub about: String,
    /// What is so, in one sentence.
    pub message: String,
    /// What to do about it.
    pub remedy: String,
}

fn finding(severity: Severity, about: impl Into<String>, message: String, remedy: String) -> Finding {
    Finding { severity, about: about.into(), message, remedy }
}

pub(super) fn find(
    real: bool,
    found: Option<&Application>,
    seen: &[Seen],
    tasks: &[TaskHealth],
    sources: &[SourceHealth],
) -> Vec<Finding> {
    let mut all: Vec<Finding> = Vec::new();
    if let Some(reason) = found.and_then(|found| found.tenant.held_reason.clone()) {
        let remedy = "Check the source, then sync again.".to_owned();
        all.push(finding(Severity::Problem, "tenant", format!("Runs are held: {reason}."), remedy));
    }
    for seen in seen {
        of_connection(real, seen, tasks, &mut all);
    }
    for task in tasks {
        of_task(task, &mut all);
    }
    for source in sources {
        of_source(source, &mut all);
    }
    all.sort_by_key(|finding| finding.severity);
    all
}

fn of_connection(real: bool, seen: &Seen, tasks: &[TaskHealth], all: &mut Vec<Finding>) {
    let about = seen.purpose.as_str();
    let remedy = || seen.checked.remedy.clone().unwrap_or_default();
    match (&seen.row, &seen.checked.problem) {
        (None, problem) => {
            let wanted = match seen.purpose {
                Purpose::Reader => true,
                Purpose::Writer => tasks.iter().any(|task| task.task == Task::Reclamation.as_str() && task.enabled),
                Purpose::Mailer => false,
            };
            let severity = if wanted { Severity::Problem } else { Severity::Note };
            all.push(finding(severity, about, problem.clone().unwrap_or_default(), remedy()));
            return;
        }
        (Some(row), Some(problem)) => {
            let message = match row.signed_in_as.as_deref().filter(|_| row.kind == "authorization_code") {
                Some(name) => format!("The {about} connection, for which {name} signed in, does not work: {problem}"),
                None => format!("The {about} connection does not work: {problem}"),
            };
            all.push(finding(Severity::Problem, about, message, remedy()));
        }
        (Some(_), None) => {}
    }
    if let Some(expiry) = &seen.expiry {
        let severity = if expiry.level == 0 { Severity::Problem } else { Severity::Warning };
        all.push(finding(severity, about, expiry.message.clone(), expiry.remedy.clone()));
    }
    if seen.checked.tenant == Some(TenantCheck::Address) {
        let message = format!("The {about} connection: {}.", TenantCheck::Address.words());
        let remedy = "Grant Organization.Read.All to the app, so that Microsoft Graph can name the tenant.".to_owned();
        all.push(finding(Severity::Note, about, message, remedy));
    }
    let Some(judged) = seen.checked.judged(seen.purpose.works()) else { return };
    let broad = broad_grants(&judged);
    for permission in &broad {
        let message = format!("The {about} connection holds {permission}, which reaches far beyond licenses.");
        let remedy = format!("Take {permission} away from this app in Microsoft Entra; nothing here needs it.");
        let severity = if real { Severity::Problem } else { Severity::Warning };
        all.push(finding(severity, about, message, remedy));
    }
    let unused: Vec<&str> = judged
        .unused
        .iter()
        .filter(|unused| !broad.contains(&unused.permission))
        .map(|unused| unused.permission.as_str())
        .collect();
    if !unused.is_empty() {
        let message = format!("The {about} connection holds permissions nothing here uses: {}.", unused.join(", "));
        all.push(finding(
            Severity::Note,
            about,
            message,
            "Take them away from this app in Microsoft Entra.".to_owned(),
        ));
    }
}

fn of_task(task: &TaskHealth, all: &mut Vec<Finding>) {
    let about = task.task;
    for need in task.needed.iter().filter(|need| need.granted == Some(false)) {
        let permission = need.permission.unwrap_or("a permission that no signed-in person can have");
        let (severity, message) = if need.required {
            (
                Severity::Problem,
                format!("{} is stopped: the permission {permission} is missing ({}).", task.label, need.why),
            )
        } else {
            let message =
                format!("{} goes on without {}: the permission {permission} is missing.", task.label, need.why);
            (Severity::Warning, message)
        };
        // What is not switched on stops nobody.
        let severity = if task.enabled || !need.required { severity } else { Severity::Note };
        let remedy = match need.permission {
            Some(permission) => format!("Grant {permission} to the app in Microsoft Entra and give admin consent."),
            None => "Use a connection that acts as an app: client secret or certificate.".to_owned(),
        };
        all.push(finding(severity, about, message, remedy));
    }
    for role in &task.roles_missing {
        let what = if task.state == TaskState::ReadOnly { "is read-only" } else { "is limited" };
        let message =
            format!("{} {what}: the person who signed in has no directory role for {}.", task.label, role.why);
        let remedy = format!("Give them one of these roles in Microsoft Entra: {}.", role.any_of.join(", "));
        let severity = if role.required { Severity::Problem } else { Severity::Warning };
        all.push(finding(severity, about, message, remedy));
    }
    if task.roles_unknown {
        let message =
            format!("{}: the token does not say which directory roles the person who signed in has.", task.label);
        all.push(finding(Severity::Note, about, message, "Check the person's roles in Microsoft Entra.".to_owned()));
    }
    for broader in &task.broader {
        let message = format!(
            "{}: {} is broader than needed; {} is enough.",
            task.label,
            broader.permission,
            broader.instead.join(" and ")
        );
        let remedy = format!("Grant {} in its place.", broader.instead.join(" and "));
        all.push(finding(Severity::Note, about, message, remedy));
    }
    if let Some(failure) = task.last_failure.as_ref().filter(|_| task.enabled) {
        let remedy = task.last_failure_remedy.clone().unwrap_or_else(|| "It is tried again by itself.".to_owned());
        all.push(finding(Severity::Problem, about, format!("{} failed last time: {failure}", task.label), remedy));
    }
}

fn of_source(source: &SourceHealth, all: &mut Vec<Finding>) {
    let words = source.source.replace('_', " ");
    if let Some(problem) = &source.problem {
        let concealed = problem.contains("concealed");
        let remedy = if concealed {
            "Switch off concealed names in the Microsoft 365 admin center, under Settings, Org settings, Reports."
        } else {
            "See the task that reads it."
        };
        let message = format!("Nothing comes from {words}: {}.", problem.trim_end_matches('.'));
        // What Microsoft does not offer in this cloud is nobody's fault. A report of a single service matters only where
        // such licenses are; seats that need it are kept and know of it.
        let matters = is_core(&source.source) && problem != NOT_OFFERED;
        let severity = if matters { Severity::Warning } else { Severity::Note };
        all.push(finding(severity, source.source.clone(), message, remedy.to_owned()));
    } else if source.stale {
        let message = format!("The {words} are older than the rule in force allows; seats that need them are kept.");
        all.push(finding(
            Severity::Warning,
            source.source.clone(),
            message,
            "Sync now, and see why it did not.".to_owned(),
        ));
    }
}

/// Sources that whole tenants are judged by.
fn is_core(source: &str) -> bool {
    matches!(source, "people" | "skus" | "sign_ins" | "usage_report" | "roster")
}
