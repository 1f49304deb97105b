//! The HR roster: parsed whole, bad rows set apart with line and reason, and swapped in only when
//! the whole is believable.

use reseat_connectors::{Roster, parse_roster};
use reseat_domain::gate::check_roster;
use reseat_domain::ids::{PlanItemId, SyncRunId};
use reseat_store::integration::{self, Quarantined};
use reseat_store::rounds::{self, RosterEntry};

use crate::crash::crash_point;
use crate::engine::Engine;
use crate::sync::{Outcome, Running, SyncError};
use crate::task::Task;

pub(super) async fn run(running: &Running<'_>) -> Result<Outcome, SyncError> {
    let Some(hr) = &running.engine.parts().hr else { return Ok(Outcome::default()) };
    let file = hr.fetch().await?;
    let imported = import(running.engine, running.run_id, &file.bytes).await?;
    let mut outcome = Outcome {
        text: format!("Read {} rows of the HR roster, {} set apart", imported.accepted, imported.quarantined.len()),
        ..Outcome::default()
    };
    outcome.counts.insert("rows".to_owned(), imported.accepted.into());
    outcome.counts.insert("quarantined".to_owned(), imported.quarantined.len().into());
    Ok(outcome)
}

/// What an import brought in.
#[derive(Debug, Clone)]
pub(crate) struct Imported {
    pub accepted: u64,
    pub quarantined: Vec<(u64, String)>,
}

/// Reads a roster file and puts it into use, or says why nothing of it is.
pub(crate) async fn import(engine: &Engine, run_id: SyncRunId, bytes: &[u8]) -> Result<Imported, SyncError> {
    let tenant_id = engine.tenant_id();
    let now = engine.now();
    let Roster { rows, quarantined } = parse_roster(bytes)
        .map_err(|error| SyncError::Refused { message: error.to_string(), remedy: error.remedy() })?;
    let set_apart: Vec<Quarantined> = quarantined
        .iter()
        .map(|row| Quarantined {
            id: PlanItemId::new(now, engine.random()).to_string(),
            line: i64::try_from(row.line).unwrap_or(i64::MAX),
            reason: row.reason.clone(),
            sample: row.sample.clone(),
        })
        .collect();
    let entries: Vec<RosterEntry> = rows
        .into_iter()
        .map(|row| RosterEntry {
            email: rounds::fold(&row.email),
            employee_id: row.employee_id,
            first_name: row.first_name,
            last_name: row.last_name,
            manager_email: row.manager_email,
            department: row.department,
            employment: row.employment,
        })
        .collect();
    let mut tx = engine.store().write().await?;
    rounds::put_roster_aside(&mut tx, tenant_id, &entries).await?;
    let mut counts = rounds::count_roster(&mut tx, tenant_id).await?;
    counts.bad = quarantined.len() as u64;
    if let Err(hold) = check_roster(&counts) {
        // The rows set apart are kept even when nothing is used: they say what is wrong.
        drop(tx);
        let mut tx = engine.store().write().await?;
        integration::insert_quarantined(&mut tx, tenant_id, Task::HrRoster.as_str(), run_id, &set_apart, now).await?;
        tx.commit().await?;
        return Err(hold.into());
    }
    rounds::publish_roster(&mut tx, tenant_id).await?;
    integration::insert_quarantined(&mut tx, tenant_id, Task::HrRoster.as_str(), run_id, &set_apart, now).await?;
    let accepted = i64::try_from(entries.len()).unwrap_or(i64::MAX);
    integration::publish_source(&mut tx, tenant_id, "roster", now, accepted, now).await?;
    // From the first good roster on, employment is asked of every seat.
    integration::set_task_enabled(&mut tx, tenant_id, Task::HrRoster.as_str(), true).await?;
    integration::request_detection(&mut tx, tenant_id).await?;
    tx.commit().await?;
    crash_point("roster_published");
    Ok(Imported {
        accepted: entries.len() as u64,
        quarantined: quarantined.into_iter().map(|row| (row.line, row.reason)).collect(),
    })
}
