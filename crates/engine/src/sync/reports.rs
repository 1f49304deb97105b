//! The usage report: one request for the whole tenant, believed only when its names are names.

use std::collections::BTreeMap;

use reseat_connectors::{ActiveUserReport, ConnectorError, ReportPeriod};
use reseat_domain::directory::Service;
use reseat_domain::gate::check_report;
use reseat_domain::ids::UserId;
use reseat_domain::time::Day;
use reseat_store::integration::{self, Progress, Quarantined};
use reseat_store::rounds;

use super::activity::{is_missing_capability, set_problem};
use crate::crash::crash_point;
use crate::sync::{CONCEALED, Outcome, Running, SyncError};

pub(super) async fn read_report(running: &Running<'_>, outcome: &mut Outcome) -> Result<(), SyncError> {
    let engine = running.engine;
    let tenant_id = engine.tenant_id();
    running.progress(Progress { text: "Reading the active-user report".to_owned(), ..Progress::default() }).await?;
    let report = match fetch_believable(running).await {
        Ok(report) => report,
        Err(Unusable::Concealed) => {
            set_problem(running, "usage_report", CONCEALED).await?;
            outcome.text = "Names in the usage reports are concealed; service activity is not used.".to_owned();
            return Ok(());
        }
        Err(Unusable::Failed(error)) => {
            if is_missing_capability(&error) {
                set_problem(running, "usage_report", &error.to_string()).await?;
            }
            return Err(error.into());
        }
    };
    let mut tx = engine.store().write().await?;
    running.keep_lease(&mut tx).await?;
    let names = rounds::people_by_upn(&mut tx, tenant_id).await?;
    let mut rows: BTreeMap<UserId, BTreeMap<Service, Day>> = BTreeMap::new();
    let mut unmatched: i64 = 0;
    for row in report.rows.iter().filter(|row| !row.is_deleted) {
        match names.get(&rounds::fold(&row.user_principal_name)) {
            Some(Some(user_id)) => {
                let days = rows.entry(*user_id).or_default();
                for (&service, &day) in &row.last_activity {
                    // Two rows for one person: the later day wins, the kinder reading (U5).
                    days.entry(service).and_modify(|known| *known = (*known).max(day)).or_insert(day);
                }
            }
            Some(None) | None => unmatched += 1,
        }
    }
    let sources = integration::list_sources(&mut tx, tenant_id).await?;
    let before = sources.iter().find(|row| row.source == "usage_report");
    let covered = before.map_or(0, |row| u64::try_from(row.row_count).unwrap_or(0));
    let licensed = u64::try_from(rounds::count_licensed_people(&mut tx, tenant_id).await?).unwrap_or(0);
    check_report(rows.len() as u64, covered, licensed)?;
    let matched = i64::try_from(rows.len()).unwrap_or(i64::MAX);
    rounds::replace_service_use(&mut tx, tenant_id, report.refreshed, &rows, engine.now()).await?;
    integration::publish_source(&mut tx, tenant_id, "usage_report", report.refreshed.end(), matched, engine.now())
        .await?;
    let quarantined: Vec<Quarantined> = report
        .problems
        .iter()
        .map(|problem| Quarantined {
            id: reseat_domain::ids::PlanItemId::new(engine.now(), engine.random()).to_string(),
            line: i64::try_from(problem.line).unwrap_or(i64::MAX),
            reason: problem.reason.clone(),
            sample: String::new(),
        })
        .collect();
    integration::insert_quarantined(
        &mut tx,
        tenant_id,
        running.task.as_str(),
        running.run_id,
        &quarantined,
        engine.now(),
    )
    .await?;
    tx.commit().await?;
    crash_point("report_published");
    outcome.counts.insert("report_rows_matched".to_owned(), matched.into());
    outcome.counts.insert("report_rows_unmatched".to_owned(), unmatched.into());
    outcome.counts.insert("report_rows_quarantined".to_owned(), quarantined.len().into());
    outcome.text = format!("Read the active-user report of {} for {matched} people", report.refreshed);
    Ok(())
}

enum Unusable {
    Concealed,
    Failed(ConnectorError),
}

/// The report, if its names are names: the switch is read before and after, and the names' shape is
/// looked at, because the switch can be thrown in between (U1, U2).
async fn fetch_believable(running: &Running<'_>) -> Result<ActiveUserReport, Unusable> {
    let reader = &running.engine.parts().reader;
    let switched = |answer: Result<bool, ConnectorError>| match answer {
        Ok(concealed) => Ok(concealed),
        // The switch needs a right of its own; without it the names' shape decides.
        Err(ConnectorError::MissingPermission { .. }) => Ok(false),
        Err(error) => Err(Unusable::Failed(error)),
    };
    if switched(reader.names_concealed().await)? {
        return Err(Unusable::Concealed);
    }
    let report = reader.active_user_report(ReportPeriod::D180).await.map_err(Unusable::Failed)?;
    if report.concealed || switched(reader.names_concealed().await)? {
        return Err(Unusable::Concealed);
    }
    Ok(report)
}
