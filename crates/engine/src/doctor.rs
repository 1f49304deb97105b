//! The doctor: what is missing, wrong, stale or broader than needed, per integration task (F38 to F43, C2, C8). It
//! reads and signs in; it changes nothing, in the tenant or here.

mod findings;
mod tasks;

use reseat_domain::ids::TenantId;
use reseat_domain::rule::FreshnessLimits;
use reseat_domain::time::Timestamp;
use reseat_domain::usage_report::UsageReport;
use reseat_store::integration::{self, ConnectionRow, SourceRow};
use reseat_store::read::applications::{self, Application};
use reseat_store::rules::find_active_rule;
use reseat_store::{StoreError, Tx};
use serde::Serialize;

use crate::connections::{Checked, Expiry, Purpose, TenantCheck, Ways, absent, expiry, look};

pub use findings::{Finding, Severity};
pub use tasks::{BroaderPermission, MissingDirectoryRole, NeededPermission, TaskHealth, TaskState, work_of};

/// Everything the doctor says.
#[derive(Debug, Clone, Serialize)]
pub struct Report {
    /// The pinned tenant.
    pub tenant_id: TenantId,
    /// When it was looked at.
    pub at: Timestamp,
    /// Whether nothing needs a person.
    pub healthy: bool,
    /// What needs a person or is worth knowing, the worst first.
    pub findings: Vec<Finding>,
    /// The ways in.
    pub connections: Vec<ConnectionHealth>,
    /// The integration tasks.
    pub tasks: Vec<TaskHealth>,
    /// What was read, and how old it is.
    pub sources: Vec<SourceHealth>,
    /// Whether the tenant conceals names in its usage reports; none where that cannot be read.
    pub names_concealed: Option<bool>,
}

/// One connection.
#[derive(Debug, Clone, Serialize)]
pub struct ConnectionHealth {
    /// What it is for.
    pub purpose: &'static str,
    /// How it signs in; none when there is no such connection.
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
    /// How its tenant was compared with the pinned one.
    pub tenant: Option<TenantCheck>,
    /// When secret or certificate ends.
    pub expires_at: Option<Timestamp>,
    /// What is wrong with it.
    pub problem: Option<String>,
    /// What to do about it.
    pub remedy: Option<String>,
}

/// One source.
#[derive(Debug, Clone, Serialize)]
pub struct SourceHealth {
    /// Its word.
    pub source: String,
    /// Up to when it knows.
    pub as_of: Option<Timestamp>,
    /// Whether it is older than the rule in force allows.
    pub stale: bool,
    /// Why it gives nothing.
    pub problem: Option<String>,
}

/// A connection and what a look at it found.
pub(crate) struct Seen {
    pub purpose: Purpose,
    pub row: Option<ConnectionRow>,
    pub checked: Checked,
    pub expiry: Option<Expiry>,
}

/// Looks at everything now. Before the first start there are no rows; what the configuration gives is looked at all
/// the same.
///
/// # Errors
/// [`StoreError`].
pub async fn examine(ways: &Ways) -> Result<Report, StoreError> {
    let now = ways.clock.now();
    let mut tx = ways.store.read().await?;
    let (found, limits) = known(&mut tx, ways.tenant_id).await?;
    let rows = integration::list_connections(&mut tx, ways.tenant_id).await?;
    drop(tx);
    let mut seen = Vec::new();
    for purpose in Purpose::ALL {
        let row = rows.iter().find(|row| row.purpose == purpose.as_str()).cloned();
        let row = row.or_else(|| ways.unsaved(purpose));
        let checked = match &row {
            Some(row) => look(ways, row).await,
            None => absent(purpose),
        };
        let end = row.as_ref().and_then(|row| Some((row, Timestamp::from_micros(row.expires_at?))));
        let expiry = end.and_then(|(row, end)| expiry(purpose, &row.kind, end, now));
        seen.push(Seen { purpose, row, checked, expiry });
    }
    Ok(report(ways, found.as_ref(), &limits, &seen, now))
}

async fn known(tx: &mut Tx, tenant_id: TenantId) -> Result<(Option<Application>, FreshnessLimits), StoreError> {
    let found = applications::find_application(tx, tenant_id).await?;
    let limits = find_active_rule(tx, tenant_id).await?.map(|rule| rule.limits).unwrap_or_default();
    Ok((found, limits))
}

fn report(ways: &Ways, found: Option<&Application>, limits: &FreshnessLimits, seen: &[Seen], now: Timestamp) -> Report {
    let rows = found.map(|found| found.sources.as_slice()).unwrap_or_default();
    let sources: Vec<SourceHealth> = rows.iter().map(|row| source(row, limits, now)).collect();
    let tasks: Vec<TaskHealth> = tasks::judge(found, seen);
    // Names are hidden, shown, or nobody could look.
    let names_concealed = rows.iter().find(|row| row.source == "usage_report").and_then(|row| match &row.problem {
        Some(problem) if problem.contains("concealed") => Some(true),
        Some(_) => None,
        None => row.as_of.map(|_| false),
    });
    let findings = findings::find(ways.graph.is_real(), found, seen, &tasks, &sources);
    Report {
        tenant_id: ways.tenant_id,
        at: now,
        healthy: findings.iter().all(|finding| finding.severity == Severity::Note),
        findings,
        connections: seen.iter().map(Seen::health).collect(),
        tasks,
        sources,
        names_concealed,
    }
}

impl Seen {
    fn health(&self) -> ConnectionHealth {
        let row = self.row.as_ref();
        ConnectionHealth {
            purpose: self.purpose.as_str(),
            kind: row.map(|row| row.kind.clone()),
            origin: row.map(|row| row.origin.clone()),
            client_id: row.map(|row| row.client_id.clone()),
            app_name: self.checked.app_name.clone(),
            signed_in_as: row.and_then(|row| row.signed_in_as.clone()),
            signs_in: self.checked.problem.is_none(),
            tenant: self.checked.tenant,
            expires_at: row.and_then(|row| row.expires_at).map(Timestamp::from_micros),
            problem: self.checked.problem.clone(),
            remedy: self.checked.remedy.clone(),
        }
    }
}

/// How old a source may be under the rule in force, in hours; none when it has no limit.
pub fn limit_hours(source: &str, limits: &FreshnessLimits) -> Option<u32> {
    match source {
        "people" | "skus" => Some(limits.directory),
        "sign_ins" => Some(limits.sign_ins),
        "roster" => Some(limits.roster),
        other => other.parse::<UsageReport>().ok().map(|_| limits.usage_report),
    }
}

/// Whether a source is older than the rule in force allows.
pub fn is_stale(row: &SourceRow, limits: &FreshnessLimits, now: Timestamp) -> bool {
    let too_old = |hours: u32, as_of: i64| now.seconds_since(Timestamp::from_micros(as_of)) > i64::from(hours) * 3_600;
    limit_hours(&row.source, limits).zip(row.as_of).is_some_and(|(hours, as_of)| too_old(hours, as_of))
}

fn source(row: &SourceRow, limits: &FreshnessLimits, now: Timestamp) -> SourceHealth {
    SourceHealth {
        source: row.source.clone(),
        as_of: row.as_of.map(Timestamp::from_micros),
        stale: is_stale(row, limits, now),
        problem: row.problem.clone(),
    }
}
