//! Runs of integration tasks and how far they are.

use reseat_domain::ids::{SyncRunId, TenantId};
use reseat_domain::time::Timestamp;
use sqlx::FromRow;

use crate::error::StoreError;
use crate::pool::{Tx, on_either};

/// A run of a task as it is kept.
#[derive(Debug, Clone, FromRow)]
pub struct RunRow {
    /// Its id.
    pub id: String,
    /// Which task.
    pub task: String,
    /// `queued`, `running`, `succeeded`, `failed`, `held`.
    pub status: String,
    /// When it was asked for.
    pub queued_at: i64,
    /// When it began.
    pub started_at: Option<i64>,
    /// When it ended.
    pub finished_at: Option<i64>,
    /// Units done.
    pub progress_done: i64,
    /// Units in all, if known.
    pub progress_total: Option<i64>,
    /// What the units are.
    pub progress_unit: String,
    /// One sentence.
    pub progress_text: String,
    /// What came in, as JSON.
    pub counts: String,
    /// What went wrong.
    pub error: Option<String>,
    /// What to do about it.
    pub remedy: Option<String>,
}

pub(crate) const RUN_COLUMNS: &str = "id, task, status, queued_at, started_at, finished_at, progress_done, progress_total, \
                           progress_unit, progress_text, counts, error, remedy";

/// Queues a run.
///
/// # Errors
/// [`StoreError::Unavailable`].
pub async fn insert_run(
    tx: &mut Tx,
    tenant_id: TenantId,
    id: SyncRunId,
    task: &str,
    now: Timestamp,
) -> Result<(), StoreError> {
    on_either!(tx, conn =>
        sqlx::query(
            "insert into sync_runs (tenant_id, id, task, status, queued_at, started_at, finished_at, progress_done,
                                    progress_total, progress_unit, progress_text, counts, error, remedy)
             values ($1, $2, $3, 'queued', $4, null, null, 0, null, '', 'waiting', '{}', null, null)",
        )
        .bind(tenant_id.to_string())
        .bind(id.to_string())
        .bind(task.to_owned())
        .bind(now.as_micros())
        .execute(conn)
        .await
        .map(|_| ()))?;
    Ok(())
}

/// The run of a task that waits or was interrupted, oldest first.
///
/// # Errors
/// [`StoreError::Unavailable`].
pub async fn find_open_run(tx: &mut Tx, tenant_id: TenantId, task: &str) -> Result<Option<RunRow>, StoreError> {
    let sql = sqlx::AssertSqlSafe(format!(
        "select {RUN_COLUMNS} from sync_runs
         where tenant_id = $1 and task = $2 and status in ('queued', 'running') order by queued_at limit 1"
    ));
    Ok(on_either!(tx, conn =>
        sqlx::query_as(sql).bind(tenant_id.to_string()).bind(task.to_owned()).fetch_optional(conn).await)?)
}

/// Marks a run as begun and as its task's last one. One that goes on after a rest began when it began.
///
/// # Errors
/// [`StoreError::Unavailable`].
pub async fn begin_run(
    tx: &mut Tx,
    tenant_id: TenantId,
    id: SyncRunId,
    task: &str,
    now: Timestamp,
) -> Result<(), StoreError> {
    on_either!(tx, conn =>
        sqlx::query("update sync_runs set status = 'running', started_at = coalesce(started_at, $3)
             where tenant_id = $1 and id = $2")
            .bind(tenant_id.to_string())
            .bind(id.to_string())
            .bind(now.as_micros())
            .execute(conn)
            .await
            .map(|_| ()))?;
    on_either!(tx, conn =>
        sqlx::query("update integration_tasks set last_run_id = $3 where tenant_id = $1 and task = $2")
            .bind(tenant_id.to_string())
            .bind(task.to_owned())
            .bind(id.to_string())
            .execute(conn)
            .await
            .map(|_| ()))?;
    Ok(())
}

/// How far a run is.
#[derive(Debug, Clone, Default)]
pub struct Progress {
    /// Units done.
    pub done: i64,
    /// Units in all, if known.
    pub total: Option<i64>,
    /// What the units are.
    pub unit: &'static str,
    /// One sentence.
    pub text: String,
}

/// Records how far a run is.
///
/// # Errors
/// [`StoreError::Unavailable`].
pub async fn set_progress(
    tx: &mut Tx,
    tenant_id: TenantId,
    id: SyncRunId,
    progress: &Progress,
) -> Result<(), StoreError> {
    on_either!(tx, conn =>
        sqlx::query(
            "update sync_runs set progress_done = $3, progress_total = $4, progress_unit = $5, progress_text = $6
             where tenant_id = $1 and id = $2",
        )
        .bind(tenant_id.to_string())
        .bind(id.to_string())
        .bind(progress.done)
        .bind(progress.total)
        .bind(progress.unit)
        .bind(progress.text.clone())
        .execute(conn)
        .await
        .map(|_| ()))?;
    Ok(())
}

/// How a run ended.
#[derive(Debug, Clone)]
pub struct RunEnd {
    /// `succeeded`, `failed` or `held`.
    pub status: &'static str,
    /// One sentence.
    pub text: String,
    /// What came in, as JSON.
    pub counts: String,
    /// What went wrong.
    pub error: Option<String>,
    /// What to do about it.
    pub remedy: Option<String>,
}

/// Ends a run.
///
/// # Errors
/// [`StoreError::Unavailable`].
pub async fn finish_run(
    tx: &mut Tx,
    tenant_id: TenantId,
    id: SyncRunId,
    end: &RunEnd,
    now: Timestamp,
) -> Result<(), StoreError> {
    on_either!(tx, conn =>
        sqlx::query(
            "update sync_runs set status = $3, finished_at = $4, progress_text = $5, counts = $6, error = $7, remedy = $8
             where tenant_id = $1 and id = $2",
        )
        .bind(tenant_id.to_string())
        .bind(id.to_string())
        .bind(end.status)
        .bind(now.as_micros())
        .bind(end.text.clone())
        .bind(end.counts.clone())
        .bind(end.error.clone())
        .bind(end.remedy.clone())
        .execute(conn)
        .await
        .map(|_| ()))?;
    Ok(())
}
