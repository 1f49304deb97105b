//! The HR roster: parsed whole, bad rows set apart with line and reason, and swapped in only when
//! the whole is believable.

use std::collections::BTreeSet;
use std::time::SystemTime;

use reseat_connectors::{QuarantinedRow, Roster, parse_roster};
use reseat_domain::gate::check_roster;
use reseat_domain::ids::{PlanItemId, SyncRunId};
use reseat_domain::plan::hex;
use reseat_store::integration::{self, Quarantined};
use reseat_store::rounds::{self, RosterEntry, UnknownRow};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use crate::crash::crash_point;
use crate::engine::Engine;
use crate::sync::{Outcome, Running, SyncError};
use crate::task::Task;

pub(super) async fn run(running: &Running<'_>) -> Result<Outcome, SyncError> {
    let Some(hr) = &running.engine.parts().hr else { return Ok(Outcome::default()) };
    let file = hr.fetch().await?;
    let origin = Origin::Fetched { running, written_at: file.written_at.and_then(micros) };
    let imported = import(running.engine, running.run_id, &file.bytes, &origin).await?;
    let text = if imported.unchanged {
        "The file of the HR roster was not written again; it stays in use at its age".to_owned()
    } else {
        format!("Read {} rows of the HR roster, {} set apart", imported.accepted, imported.quarantined.len())
    };
    let mut outcome = Outcome { text, ..Outcome::default() };
    outcome.counts.insert("rows".to_owned(), imported.accepted.into());
    outcome.counts.insert("quarantined".to_owned(), imported.quarantined.len().into());
    Ok(outcome)
}

/// Where the bytes of a roster come from, which decides how fresh they are.
pub(crate) enum Origin<'a> {
    /// Fetched on a schedule. A file counts as fresh from when it was first read after it was written
    /// (microseconds); an HR system that answers anew each time is fresh each time.
    Fetched { running: &'a Running<'a>, written_at: Option<i64> },
    /// Handed in by a person, whose word and whose entry in the trail it is that this is the roster now.
    HandedIn,
}

/// What an import brought in.
#[derive(Debug, Clone)]
pub(crate) struct Imported {
    pub accepted: u64,
    pub quarantined: Vec<(u64, String)>,
    /// Whether the file in use was met again, not written anew.
    pub unchanged: bool,
}

/// The file last put into use from a folder.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
struct LastFile {
    hash: String,
    written_at: i64,
    rows: u64,
}

fn micros(at: SystemTime) -> Option<i64> {
    let since = at.duration_since(SystemTime::UNIX_EPOCH).ok()?;
    i64::try_from(since.as_micros()).ok()
}

/// What is remembered of the file last put into use, if one was.
async fn last_file(engine: &Engine) -> Result<Option<LastFile>, SyncError> {
    let mut tx = engine.store().read().await?;
    let sources = integration::list_sources(&mut tx, engine.tenant_id()).await?;
    let state = sources.into_iter().find(|row| row.source == "roster").map(|row| row.state);
    Ok(state.and_then(|text| serde_json::from_str(&text).ok()))
}

/// Reads a roster file and puts it into use, or says why nothing of it is.
///
/// The same file again is no change and no fresh roster: without this, an export that stopped would
/// look like today's for ever, because somebody reads it every day. Its age goes on, and after the
/// rule's limit employment is not known. A file written before the one in use is refused (R8).
pub(crate) async fn import(
    engine: &Engine,
    run_id: SyncRunId,
    bytes: &[u8],
    origin: &Origin<'_>,
) -> Result<Imported, SyncError> {
    let tenant_id = engine.tenant_id();
    let now = engine.now();
    let hash = hex(&Sha256::digest(bytes));
    let written = match origin {
        Origin::Fetched { written_at, .. } => *written_at,
        Origin::HandedIn => None,
    };
    if let (Some(written_at), Some(last)) = (written, last_file(engine).await?)
        && written_at <= last.written_at
    {
        if hash == last.hash {
            return Ok(Imported { accepted: last.rows, quarantined: Vec::new(), unchanged: true });
        }
        if written_at < last.written_at {
            return Err(SyncError::Refused {
                message: "the file of the HR roster was written before the one in use; the last good one stays in use"
                    .to_owned(),
                remedy: "Put the newest export into its place.".to_owned(),
            });
        }
    }
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
    let unknown = unknown_rows(&quarantined, &entries);
    let mut tx = engine.store().write().await?;
    if let Origin::Fetched { running, .. } = origin {
        running.keep_lease(&mut tx).await?;
    }
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
    rounds::replace_roster_unknown(&mut tx, tenant_id, &unknown).await?;
    integration::insert_quarantined(&mut tx, tenant_id, Task::HrRoster.as_str(), run_id, &set_apart, now).await?;
    let accepted = i64::try_from(entries.len()).unwrap_or(i64::MAX);
    integration::publish_source(&mut tx, tenant_id, "roster", now, accepted, now).await?;
    if let Some(written_at) = written {
        let last = LastFile { hash, written_at, rows: entries.len() as u64 };
        let text = serde_json::to_string(&last).unwrap_or_else(|_| "{}".to_owned());
        integration::set_source_state(&mut tx, tenant_id, "roster", &text).await?;
    }
    // From the first good roster on, employment is asked of every seat.
    integration::set_task_enabled(&mut tx, tenant_id, Task::HrRoster.as_str(), true).await?;
    integration::request_detection(&mut tx, tenant_id).await?;
    tx.commit().await?;
    crash_point("roster_published");
    Ok(Imported {
        accepted: entries.len() as u64,
        quarantined: quarantined.into_iter().map(|row| (row.line, row.reason)).collect(),
        unchanged: false,
    })
}

/// Whom the rows set apart may be about. Somebody with a good row of their own is known, even if such a
/// row names them, as a manager for instance.
fn unknown_rows(quarantined: &[QuarantinedRow], good: &[RosterEntry]) -> Vec<UnknownRow> {
    let known: BTreeSet<&str> = good.iter().map(|entry| entry.email.as_str()).collect();
    let all = quarantined.iter().flat_map(|row| {
        row.addresses.iter().map(|address| UnknownRow {
            email: rounds::fold(address),
            line: i64::try_from(row.line).unwrap_or(i64::MAX),
            reason: row.reason.clone(),
        })
    });
    all.filter(|row| !known.contains(row.email.as_str())).collect()
}
