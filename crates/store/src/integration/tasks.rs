//! Integration tasks: enabled or not, when due, who is at it.

use reseat_domain::ids::TenantId;
use reseat_domain::time::Timestamp;
use sqlx::FromRow;

use crate::error::StoreError;
use crate::pool::{Tx, on_either};

/// An integration task as it is kept.
#[derive(Debug, Clone, FromRow)]
pub struct TaskRow {
    /// Its word.
    pub task: String,
    /// Whether it runs.
    pub enabled: bool,
    /// Seconds between two runs.
    pub interval_seconds: i64,
    /// When it runs next.
    pub next_due_at: i64,
    /// Its last run.
    pub last_run_id: Option<String>,
    /// Who is at it.
    pub lease_owner: Option<String>,
    /// Until when.
    pub lease_until: Option<i64>,
    /// Counts up with each claim.
    pub epoch: i64,
    /// Counts up with each change.
    pub version: i64,
}

/// Sets a task up; does nothing when it is.
///
/// # Errors
/// [`StoreError::Unavailable`].
pub async fn insert_task(
    tx: &mut Tx,
    tenant_id: TenantId,
    task: &str,
    enabled: bool,
    interval_seconds: i64,
    now: Timestamp,
) -> Result<(), StoreError> {
    on_either!(tx, conn =>
        sqlx::query(
            "insert into integration_tasks (tenant_id, task, enabled, interval_seconds, next_due_at, last_run_id,
                                            lease_owner, lease_until, epoch, version)
             values ($1, $2, $3, $4, $5, null, null, null, 0, 1)
             on conflict (tenant_id, task) do nothing",
        )
        .bind(tenant_id.to_string())
        .bind(task.to_owned())
        .bind(enabled)
        .bind(interval_seconds)
        .bind(now.as_micros())
        .execute(conn)
        .await
        .map(|_| ()))?;
    Ok(())
}

/// All tasks of a tenant.
///
/// # Errors
/// [`StoreError::Unavailable`].
pub async fn list_tasks(tx: &mut Tx, tenant_id: TenantId) -> Result<Vec<TaskRow>, StoreError> {
    Ok(on_either!(tx, conn =>
        sqlx::query_as(
            "select task, enabled, interval_seconds, next_due_at, last_run_id, lease_owner, lease_until, epoch, version
             from integration_tasks where tenant_id = $1 order by task",
        )
        .bind(tenant_id.to_string())
        .fetch_all(conn)
        .await)?)
}

/// Enables or disables a task.
///
/// # Errors
/// [`StoreError::Unavailable`].
pub async fn set_task_enabled(tx: &mut Tx, tenant_id: TenantId, task: &str, enabled: bool) -> Result<bool, StoreError> {
    let done = on_either!(tx, conn =>
        sqlx::query(
            "update integration_tasks set enabled = $3, version = version + 1 where tenant_id = $1 and task = $2",
        )
        .bind(tenant_id.to_string())
        .bind(task.to_owned())
        .bind(enabled)
        .execute(conn)
        .await
        .map(|done| done.rows_affected()))?;
    Ok(done > 0)
}

/// Makes a task due now.
///
/// # Errors
/// [`StoreError::Unavailable`].
pub async fn make_task_due(tx: &mut Tx, tenant_id: TenantId, task: &str, now: Timestamp) -> Result<(), StoreError> {
    on_either!(tx, conn =>
        sqlx::query("update integration_tasks set next_due_at = $3 where tenant_id = $1 and task = $2")
            .bind(tenant_id.to_string())
            .bind(task.to_owned())
            .bind(now.as_micros())
            .execute(conn)
            .await
            .map(|_| ()))?;
    Ok(())
}

/// Takes a due task for `owner` until `lease_until`; gives the new epoch, or `None` when it is
/// not due or somebody else is at it.
///
/// # Errors
/// [`StoreError::Unavailable`].
pub async fn claim_task(
    tx: &mut Tx,
    tenant_id: TenantId,
    task: &str,
    owner: &str,
    now: Timestamp,
    lease_until: Timestamp,
) -> Result<Option<i64>, StoreError> {
    let row: Option<(i64,)> = on_either!(tx, conn =>
        sqlx::query_as(
            "update integration_tasks set lease_owner = $3, lease_until = $5, epoch = epoch + 1
             where tenant_id = $1 and task = $2 and enabled = TRUE and next_due_at <= $4
               and (lease_until is null or lease_until < $4)
             returning epoch",
        )
        .bind(tenant_id.to_string())
        .bind(task.to_owned())
        .bind(owner.to_owned())
        .bind(now.as_micros())
        .bind(lease_until.as_micros())
        .fetch_optional(conn)
        .await)?;
    Ok(row.map(|row| row.0))
}

/// Keeps a task's lease alive; `false` when it is somebody else's by now.
///
/// # Errors
/// [`StoreError::Unavailable`].
pub async fn extend_task_lease(
    tx: &mut Tx,
    tenant_id: TenantId,
    task: &str,
    epoch: i64,
    lease_until: Timestamp,
) -> Result<bool, StoreError> {
    let done = on_either!(tx, conn =>
        sqlx::query(
            "update integration_tasks set lease_until = $4 where tenant_id = $1 and task = $2 and epoch = $3",
        )
        .bind(tenant_id.to_string())
        .bind(task.to_owned())
        .bind(epoch)
        .bind(lease_until.as_micros())
        .execute(conn)
        .await
        .map(|done| done.rows_affected()))?;
    Ok(done > 0)
}

/// Ends a task's run and says when the next one is due; `false` when the lease was lost.
///
/// # Errors
/// [`StoreError::Unavailable`].
pub async fn release_task(
    tx: &mut Tx,
    tenant_id: TenantId,
    task: &str,
    epoch: i64,
    next_due_at: Timestamp,
) -> Result<bool, StoreError> {
    let done = on_either!(tx, conn =>
        sqlx::query(
            "update integration_tasks set lease_owner = null, lease_until = null, next_due_at = $4
             where tenant_id = $1 and task = $2 and epoch = $3",
        )
        .bind(tenant_id.to_string())
        .bind(task.to_owned())
        .bind(epoch)
        .bind(next_due_at.as_micros())
        .execute(conn)
        .await
        .map(|done| done.rows_affected()))?;
    Ok(done > 0)
}
