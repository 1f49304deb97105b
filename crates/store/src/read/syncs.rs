//! Runs of integration tasks, and the rows they could not use.

use reseat_domain::ids::{SyncRunId, TenantId};
use serde::{Deserialize, Serialize};
use sqlx::FromRow;

use super::Page;
use super::query::Query;
use crate::error::StoreError;
use crate::integration::{RUN_COLUMNS, RunRow};
use crate::pool::Tx;

/// The place of a run in the list.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RunCursor {
    queued_at: i64,
    id: String,
}

fn select(tenant_id: TenantId) -> Query {
    let mut query = Query::new(format!("select {RUN_COLUMNS} from sync_runs"));
    query.push(" where tenant_id = ?", [tenant_id.to_string().into()]);
    query
}

/// A page of runs, of one task or of all, the newest first.
///
/// # Errors
/// [`StoreError::Unavailable`].
pub async fn list_runs(
    tx: &mut Tx,
    tenant_id: TenantId,
    task: Option<&str>,
    after: Option<&RunCursor>,
    limit: i64,
) -> Result<Page<RunRow, RunCursor>, StoreError> {
    let mut query = select(tenant_id);
    query.filter("task = ?", task);
    if let Some(after) = after {
        query.push(" and (queued_at, id) < (?, ?)", [after.queued_at.into(), after.id.clone().into()]);
    }
    query.push(" order by queued_at desc, id desc limit ?", [(limit + 1).into()]);
    let rows: Vec<RunRow> = query.fetch(tx).await?;
    let place = |row: &RunRow| Ok(RunCursor { queued_at: row.queued_at, id: row.id.clone() });
    Page::cut(rows, limit, place, Ok)
}

/// One run.
///
/// # Errors
/// [`StoreError::Unavailable`].
pub async fn find_run(tx: &mut Tx, tenant_id: TenantId, id: SyncRunId) -> Result<Option<RunRow>, StoreError> {
    let mut query = select(tenant_id);
    query.filter("id = ?", Some(id.to_string()));
    query.fetch_one(tx).await
}

/// A row that could not be used.
#[derive(Debug, Clone, FromRow)]
pub struct QuarantineItem {
    /// Its id.
    pub id: String,
    /// By which task.
    pub task: String,
    /// In which run.
    pub run_id: String,
    /// Line in the file, from 1.
    pub line: i64,
    /// Why.
    pub reason: String,
    /// How it looked, shortened.
    pub sample: String,
    /// When, microseconds.
    pub at: i64,
}

/// The place of a row in the quarantine.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct QuarantineCursor {
    at: i64,
    line: i64,
    id: String,
}

/// A page of the quarantine, of one task or of all: the last run first, each in the order of its file.
///
/// # Errors
/// [`StoreError::Unavailable`].
pub async fn list_quarantined(
    tx: &mut Tx,
    tenant_id: TenantId,
    task: Option<&str>,
    after: Option<&QuarantineCursor>,
    limit: i64,
) -> Result<Page<QuarantineItem, QuarantineCursor>, StoreError> {
    let mut query = Query::new("select id, task, run_id, line, reason, sample, at from quarantine");
    query.push(" where tenant_id = ?", [tenant_id.to_string().into()]).filter("task = ?", task);
    if let Some(after) = after {
        query.push(
            " and (at < ? or (at = ? and (line, id) > (?, ?)))",
            [after.at.into(), after.at.into(), after.line.into(), after.id.clone().into()],
        );
    }
    query.push(" order by at desc, line, id limit ?", [(limit + 1).into()]);
    let rows: Vec<QuarantineItem> = query.fetch(tx).await?;
    let place = |row: &QuarantineItem| Ok(QuarantineCursor { at: row.at, line: row.line, id: row.id.clone() });
    Page::cut(rows, limit, place, Ok)
}
