//! The usage reports: one request each for the whole tenant. They are read aside and used together,
//! only when the names in all of them are names. What is wrong with one of them is its own matter.

use std::collections::{BTreeMap, BTreeSet};

use reseat_connectors::{ConnectorError, ReportEnd, ReportPeriod, RowProblem, TRIES_WHEN_CUT, UsageRow};
use reseat_domain::gate::check_report;
use reseat_domain::ids::UserId;
use reseat_domain::usage_report::UsageReport;
use reseat_store::Tx;
use reseat_store::integration::{self, Progress, Quarantined};
use reseat_store::rounds::{self, ReportRow};

use super::activity::set_problem;
use crate::crash::crash_point;
use crate::sync::{CONCEALED, CONCEALED_REMEDY, NOT_OFFERED, Outcome, Running, SyncError};

/// What the reading of one report was like, beside what lies aside.
struct Read {
    report: UsageReport,
    end: ReportEnd,
    unmatched: i64,
}

/// Why the set is not used.
enum Refused {
    /// Its names are pseudonyms, or were while some of it was read.
    Concealed,
    /// Something that is not the matter of one report.
    Failed(SyncError),
}

impl<E: Into<SyncError>> From<E> for Refused {
    fn from(error: E) -> Self {
        Self::Failed(error.into())
    }
}

pub(super) async fn read_reports(running: &Running<'_>, outcome: &mut Outcome) -> Result<(), SyncError> {
    let mut failed = Vec::new();
    let read = match read_set(running, &mut failed).await {
        Ok(read) => read,
        Err(Refused::Failed(error)) => return Err(error),
        Err(Refused::Concealed) => {
            refuse_all(running).await?;
            outcome.text =
                format!("Names in the usage reports are concealed; service activity is not used. {CONCEALED_REMEDY}");
            return Ok(());
        }
    };
    let mut first = None;
    for one in read {
        let report = one.report;
        match publish(running, one, outcome).await {
            Err(SyncError::Held(hold)) if report != UsageReport::ActiveUsers => {
                set_problem(running, report.as_str(), &hold.to_string()).await?;
            }
            Err(error @ SyncError::Held(_)) => first = Some(error),
            other => other?,
        }
    }
    for (report, error) in failed {
        note_failure(running, report, &error, outcome).await?;
        let settled = is_settled(&error) && report != UsageReport::ActiveUsers;
        if !settled && (first.is_none() || report == UsageReport::ActiveUsers) {
            first = Some(error.into());
        }
    }
    first.map_or(Ok(()), Err)
}

/// Whether trying again in a few minutes is of no use.
fn is_settled(error: &ConnectorError) -> bool {
    match error {
        ConnectorError::MissingPermission { .. }
        | ConnectorError::NotFound
        | ConnectorError::Premium
        | ConnectorError::Malformed(_) => true,
        ConnectorError::Throttled { .. }
        | ConnectorError::SignIn { .. }
        | ConnectorError::WrongTenant { .. }
        | ConnectorError::RestartListing
        | ConnectorError::Transient(_)
        | ConnectorError::Configuration(_)
        | ConnectorError::File(_) => false,
    }
}

/// Says what is wrong with one report. What passes by itself leaves its last good round in use until
/// that is too old.
async fn note_failure(
    running: &Running<'_>,
    report: UsageReport,
    error: &ConnectorError,
    outcome: &mut Outcome,
) -> Result<(), SyncError> {
    tracing::info!(report = report.as_str(), error = %error, "a usage report could not be read");
    if !is_settled(error) {
        return Ok(());
    }
    let text = match error {
        ConnectorError::NotFound => NOT_OFFERED.to_owned(),
        error => match error.remedy() {
            Some(remedy) => format!("{error}. {remedy}"),
            None => error.to_string(),
        },
    };
    set_problem(running, report.as_str(), &text).await?;
    let missing = outcome.counts.entry("reports_missing").or_insert_with(|| 0.into());
    *missing = (missing.as_i64().unwrap_or(0) + 1).into();
    Ok(())
}

/// Reads every report aside. The switch is read before the first, between any two and after the last,
/// and the names' shape is looked at in each, because the switch can be thrown in between (U1, U2).
async fn read_set(
    running: &Running<'_>,
    failed: &mut Vec<(UsageReport, ConnectorError)>,
) -> Result<Vec<Read>, Refused> {
    let mut read = Vec::new();
    refuse_concealed(running).await?;
    for &report in UsageReport::ALL {
        let text = format!("Reading the {}", report.label());
        running.progress(Progress { text, ..Progress::default() }).await?;
        match read_aside(running, report).await {
            Ok(one) if one.end.concealed => return Err(Refused::Concealed),
            Ok(one) => read.push(one),
            Err(SyncError::Source(error)) => failed.push((report, error)),
            Err(error) => return Err(error.into()),
        }
        refuse_concealed(running).await?;
    }
    Ok(read)
}

/// Refuses while names are concealed, by the switch. It needs a right of its own, and some clouds have
/// none: then the names' shape decides.
async fn refuse_concealed(running: &Running<'_>) -> Result<(), Refused> {
    match running.alive(running.engine.reader()?.names_concealed()).await? {
        Ok(true) => Err(Refused::Concealed),
        Ok(false) | Err(ConnectorError::MissingPermission { .. } | ConnectorError::NotFound) => Ok(()),
        Err(error) => Err(error.into()),
    }
}

/// Nothing of the set is used: no report of it, not even one that looks clear (F48).
async fn refuse_all(running: &Running<'_>) -> Result<(), SyncError> {
    let engine = running.engine;
    let mut tx = engine.store().write().await?;
    running.keep_lease(&mut tx).await?;
    for &report in UsageReport::ALL {
        rounds::clear_report_aside(&mut tx, engine.tenant_id(), report).await?;
        integration::set_source_problem(&mut tx, engine.tenant_id(), report.as_str(), Some(CONCEALED)).await?;
    }
    integration::request_detection(&mut tx, engine.tenant_id()).await?;
    tx.commit().await?;
    Ok(())
}

/// One report, read aside; again from its beginning when it was cut.
async fn read_aside(running: &Running<'_>, report: UsageReport) -> Result<Read, SyncError> {
    let mut tries = 0;
    loop {
        tries += 1;
        match read_once(running, report).await {
            Err(SyncError::Source(ConnectorError::Transient(_))) if tries < TRIES_WHEN_CUT => {}
            other => return other,
        }
    }
}

async fn read_once(running: &Running<'_>, report: UsageReport) -> Result<Read, SyncError> {
    let engine = running.engine;
    let mut tx = engine.store().write().await?;
    running.keep_lease(&mut tx).await?;
    rounds::clear_report_aside(&mut tx, engine.tenant_id(), report).await?;
    tx.commit().await?;
    let reader = engine.reader()?;
    let mut coming = running.alive(reader.usage_report(report, ReportPeriod::D180)).await??;
    let mut unmatched = 0;
    while let Some(rows) = running.alive(coming.next()).await?? {
        unmatched += put_aside(running, report, rows).await?;
    }
    let end = coming.end()?;
    forget_spoiled(running, report, &end.spoiled).await?;
    Ok(Read { report, end, unmatched })
}

/// Gives how many rows are about nobody in the directory.
async fn put_aside(running: &Running<'_>, report: UsageReport, rows: Vec<UsageRow>) -> Result<i64, SyncError> {
    let engine = running.engine;
    let tenant_id = engine.tenant_id();
    let mut tx = engine.store().write().await?;
    running.keep_lease(&mut tx).await?;
    let mut owners = Owners::find(running, &mut tx, &rows).await?;
    let mut found: BTreeMap<UserId, ReportRow> = BTreeMap::new();
    let mut unmatched = 0;
    for row in rows.into_iter().filter(|row| !row.is_deleted) {
        let Some(user_id) = owners.of(&row) else {
            unmatched += 1;
            continue;
        };
        let row = ReportRow { by_service: row.by_service, last: row.last, details: row.details };
        // Two rows for one person: the later day wins, the kinder reading (U5).
        let row = match found.remove(&user_id) {
            Some(earlier) => row.with(earlier),
            None => row,
        };
        found.insert(user_id, row);
    }
    rounds::put_report_aside(&mut tx, tenant_id, report, &found, engine.now()).await?;
    tx.commit().await?;
    crash_point("report_page");
    Ok(unmatched)
}

/// Who the rows of a batch are about.
struct Owners {
    known: BTreeSet<UserId>,
    by_name: std::collections::HashMap<String, UserId>,
}

impl Owners {
    async fn find(running: &Running<'_>, tx: &mut Tx, rows: &[UsageRow]) -> Result<Self, SyncError> {
        let tenant_id = running.engine.tenant_id();
        let ids: Vec<UserId> = rows.iter().filter_map(|row| row.user_id).collect();
        let names: Vec<String> = rows.iter().map(|row| rounds::fold(&row.user_principal_name)).collect();
        Ok(Self {
            known: rounds::list_row_hashes(tx, tenant_id, &ids).await?.into_keys().collect(),
            by_name: rounds::find_people_by_upn(tx, tenant_id, &names).await?,
        })
    }

    /// The account where the report gives it, because names change; else the name.
    fn of(&mut self, row: &UsageRow) -> Option<UserId> {
        row.user_id
            .filter(|id| self.known.contains(id))
            .or_else(|| self.by_name.get(&rounds::fold(&row.user_principal_name)).copied())
    }
}

/// Takes out whoever had a row that could not be used: it may have been the one that showed use.
async fn forget_spoiled(
    running: &Running<'_>,
    report: UsageReport,
    spoiled: &BTreeSet<String>,
) -> Result<(), SyncError> {
    if spoiled.is_empty() {
        return Ok(());
    }
    let engine = running.engine;
    let mut tx = engine.store().write().await?;
    running.keep_lease(&mut tx).await?;
    let names: Vec<String> = spoiled.iter().map(|name| rounds::fold(name)).collect();
    let people: Vec<UserId> =
        rounds::find_people_by_upn(&mut tx, engine.tenant_id(), &names).await?.into_values().collect();
    rounds::forget_report_aside(&mut tx, engine.tenant_id(), report, &people).await?;
    tx.commit().await?;
    Ok(())
}

/// Swaps in what lies aside of a report.
async fn publish(running: &Running<'_>, read: Read, outcome: &mut Outcome) -> Result<(), SyncError> {
    let engine = running.engine;
    let tenant_id = engine.tenant_id();
    let Read { report, end, unmatched } = read;
    let mut tx = engine.store().write().await?;
    running.keep_lease(&mut tx).await?;
    let matched = rounds::count_report_aside(&mut tx, tenant_id, report).await?;
    if report == UsageReport::ActiveUsers {
        // The one that lists everybody. A loss from any other one keeps the seats that miss it.
        let sources = integration::list_sources(&mut tx, tenant_id).await?;
        let before = sources.iter().find(|row| row.source == report.as_str()).map_or(0, |row| row.row_count);
        let licensed = rounds::count_licensed_people(&mut tx, tenant_id).await?;
        let unsigned = |count: i64| u64::try_from(count).unwrap_or(0);
        check_report(unsigned(matched), unsigned(before), unsigned(licensed))?;
    }
    rounds::publish_report(&mut tx, tenant_id, report, end.refreshed, engine.now()).await?;
    let as_of = end.refreshed.end();
    integration::publish_source(&mut tx, tenant_id, report.as_str(), as_of, matched, engine.now()).await?;
    let quarantined: Vec<Quarantined> = end.problems.iter().map(|it| quarantine(running, report, it)).collect();
    let task = running.task.as_str();
    integration::insert_quarantined(&mut tx, tenant_id, task, running.run_id, &quarantined, engine.now()).await?;
    tx.commit().await?;
    crash_point("report_published");
    if report == UsageReport::ActiveUsers {
        outcome.counts.insert("report_rows_matched".to_owned(), matched.into());
        outcome.counts.insert("report_rows_unmatched".to_owned(), unmatched.into());
        outcome.counts.insert("report_rows_quarantined".to_owned(), quarantined.len().into());
        outcome.text = format!("Read the active-user report of {} for {matched} people", end.refreshed);
    } else {
        outcome.counts.insert(format!("{report}_rows"), matched.into());
    }
    Ok(())
}

fn quarantine(running: &Running<'_>, report: UsageReport, problem: &RowProblem) -> Quarantined {
    let engine = running.engine;
    Quarantined {
        id: reseat_domain::ids::PlanItemId::new(engine.now(), engine.random()).to_string(),
        line: i64::try_from(problem.line).unwrap_or(i64::MAX),
        reason: format!("{}: {}", report.label(), problem.reason),
        sample: String::new(),
    }
}
