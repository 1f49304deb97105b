//! Tenants, their connections and integration tasks, sync runs, published sources, quarantine.

use reseat_domain::ids::{SyncRunId, TenantId};
use reseat_domain::time::Timestamp;
use sqlx::FromRow;

use crate::error::StoreError;
use crate::pool::{Tx, on_either};

/// A tenant as it is kept.
#[derive(Debug, Clone, FromRow)]
pub struct TenantRow {
    /// Its id.
    pub tenant_id: String,
    /// Shown name.
    pub name: String,
    /// Whether one person may propose and approve.
    pub single_operator: bool,
    /// Until when nothing is written, microseconds.
    pub observe_until: Option<i64>,
    /// When the last detection ended.
    pub detected_at: Option<i64>,
    /// Whether something was published since.
    pub detect_requested: bool,
    /// Why runs are held, if they are.
    pub held_reason: Option<String>,
    /// Since when.
    pub held_since: Option<i64>,
    /// Counts up with each change.
    pub version: i64,
}

/// A tenant, or `None` before it was set up.
///
/// # Errors
/// [`StoreError::Unavailable`].
pub async fn find_tenant(tx: &mut Tx, tenant_id: TenantId) -> Result<Option<TenantRow>, StoreError> {
    Ok(on_either!(tx, conn =>
        sqlx::query_as(
            "select tenant_id, name, single_operator, observe_until, detected_at, detect_requested,
                    held_reason, held_since, version
             from tenants where tenant_id = $1",
        )
        .bind(tenant_id.to_string())
        .fetch_optional(conn)
        .await)?)
}

/// Sets a tenant up; does nothing when it is.
///
/// # Errors
/// [`StoreError::Unavailable`].
pub async fn insert_tenant(
    tx: &mut Tx,
    tenant_id: TenantId,
    name: &str,
    observe_until: Option<Timestamp>,
    now: Timestamp,
) -> Result<bool, StoreError> {
    let done = on_either!(tx, conn =>
        sqlx::query(
            "insert into tenants (tenant_id, name, single_operator, observe_until, detected_at, detect_requested,
                                  held_reason, held_since, created_at, version)
             values ($1, $2, $3, $4, null, $5, null, null, $6, 1)
             on conflict (tenant_id) do nothing",
        )
        .bind(tenant_id.to_string())
        .bind(name.to_owned())
        .bind(false)
        .bind(observe_until.map(Timestamp::as_micros))
        .bind(false)
        .bind(now.as_micros())
        .execute(conn)
        .await
        .map(|done| done.rows_affected()))?;
    Ok(done > 0)
}

/// Declares or ends single-operator mode.
///
/// # Errors
/// [`StoreError::Unavailable`].
pub async fn set_single_operator(tx: &mut Tx, tenant_id: TenantId, on: bool) -> Result<(), StoreError> {
    on_either!(tx, conn =>
        sqlx::query("update tenants set single_operator = $2, version = version + 1 where tenant_id = $1")
            .bind(tenant_id.to_string())
            .bind(on)
            .execute(conn)
            .await
            .map(|_| ()))?;
    Ok(())
}

/// Asks for a detection: something was published.
///
/// # Errors
/// [`StoreError::Unavailable`].
pub async fn request_detection(tx: &mut Tx, tenant_id: TenantId) -> Result<(), StoreError> {
    on_either!(tx, conn =>
        sqlx::query("update tenants set detect_requested = $2 where tenant_id = $1")
            .bind(tenant_id.to_string())
            .bind(true)
            .execute(conn)
            .await
            .map(|_| ()))?;
    Ok(())
}

/// Records the end of a detection.
///
/// # Errors
/// [`StoreError::Unavailable`].
pub async fn record_detection(tx: &mut Tx, tenant_id: TenantId, now: Timestamp) -> Result<(), StoreError> {
    on_either!(tx, conn =>
        sqlx::query("update tenants set detected_at = $2, detect_requested = $3 where tenant_id = $1")
            .bind(tenant_id.to_string())
            .bind(now.as_micros())
            .bind(false)
            .execute(conn)
            .await
            .map(|_| ()))?;
    Ok(())
}

/// Holds the tenant's runs, or lets them go on with `None`.
///
/// # Errors
/// [`StoreError::Unavailable`].
pub async fn set_held(tx: &mut Tx, tenant_id: TenantId, held: Option<(&str, Timestamp)>) -> Result<(), StoreError> {
    on_either!(tx, conn =>
        sqlx::query("update tenants set held_reason = $2, held_since = $3 where tenant_id = $1")
            .bind(tenant_id.to_string())
            .bind(held.map(|held| held.0.to_owned()))
            .bind(held.map(|held| held.1.as_micros()))
            .execute(conn)
            .await
            .map(|_| ()))?;
    Ok(())
}

/// A connection, without its secret.
#[derive(Debug, Clone)]
pub struct Connection {
    /// `reader`, `writer`, `mailer`.
    pub purpose: String,
    /// `client_secret`, `certificate`, `authorization_code`.
    pub kind: String,
    /// The app registration.
    pub client_id: String,
    /// Graph's root.
    pub graph_url: String,
    /// The identity platform's root.
    pub authority_url: String,
}

/// Records a connection as the configuration gives it.
///
/// # Errors
/// [`StoreError::Unavailable`].
pub async fn upsert_connection(tx: &mut Tx, tenant_id: TenantId, connection: &Connection) -> Result<(), StoreError> {
    on_either!(tx, conn =>
        sqlx::query(
            "insert into connections (tenant_id, id, purpose, kind, client_id, graph_url, authority_url, status, status_at)
             values ($1, $2, $2, $3, $4, $5, $6, 'configured', null)
             on conflict (tenant_id, id) do update set kind = excluded.kind, client_id = excluded.client_id,
                 graph_url = excluded.graph_url, authority_url = excluded.authority_url",
        )
        .bind(tenant_id.to_string())
        .bind(connection.purpose.clone())
        .bind(connection.kind.clone())
        .bind(connection.client_id.clone())
        .bind(connection.graph_url.clone())
        .bind(connection.authority_url.clone())
        .execute(conn)
        .await
        .map(|_| ()))?;
    Ok(())
}

/// Records how a connection does.
///
/// # Errors
/// [`StoreError::Unavailable`].
pub async fn set_connection_status(
    tx: &mut Tx,
    tenant_id: TenantId,
    purpose: &str,
    status: &str,
    now: Timestamp,
) -> Result<(), StoreError> {
    on_either!(tx, conn =>
        sqlx::query("update connections set status = $3, status_at = $4 where tenant_id = $1 and id = $2")
            .bind(tenant_id.to_string())
            .bind(purpose.to_owned())
            .bind(status.to_owned())
            .bind(now.as_micros())
            .execute(conn)
            .await
            .map(|_| ()))?;
    Ok(())
}

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

/// Marks a run as begun and as its task's last one.
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
        sqlx::query("update sync_runs set status = 'running', started_at = $3 where tenant_id = $1 and id = $2")
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

/// A published source as it is kept.
#[derive(Debug, Clone, FromRow)]
pub struct SourceRow {
    /// `people`, `skus`, `sign_ins`, `usage_report`, `roster`.
    pub source: String,
    /// Up to when it knows.
    pub as_of: Option<i64>,
    /// Counts up with each publication.
    pub round: i64,
    /// Rows in use.
    pub row_count: i64,
    /// Why it gives nothing, if it gives nothing.
    pub problem: Option<String>,
    /// What a resumable lane needs, as JSON.
    pub state: String,
}

/// All sources of a tenant.
///
/// # Errors
/// [`StoreError::Unavailable`].
pub async fn list_sources(tx: &mut Tx, tenant_id: TenantId) -> Result<Vec<SourceRow>, StoreError> {
    Ok(on_either!(tx, conn =>
        sqlx::query_as(
            "select source, as_of, round, row_count, problem, state from sources where tenant_id = $1 order by source",
        )
        .bind(tenant_id.to_string())
        .fetch_all(conn)
        .await)?)
}

/// Records a publication: fresh as of `as_of`, `rows` rows, no problem.
///
/// # Errors
/// [`StoreError::Unavailable`].
pub async fn publish_source(
    tx: &mut Tx,
    tenant_id: TenantId,
    source: &'static str,
    as_of: Timestamp,
    rows: i64,
    now: Timestamp,
) -> Result<(), StoreError> {
    on_either!(tx, conn =>
        sqlx::query(
            "insert into sources (tenant_id, source, as_of, published_at, round, row_count, problem, state)
             values ($1, $2, $3, $4, 1, $5, null, '{}')
             on conflict (tenant_id, source) do update set as_of = excluded.as_of,
                 published_at = excluded.published_at, round = sources.round + 1,
                 row_count = excluded.row_count, problem = null",
        )
        .bind(tenant_id.to_string())
        .bind(source)
        .bind(as_of.as_micros())
        .bind(now.as_micros())
        .bind(rows)
        .execute(conn)
        .await
        .map(|_| ()))?;
    Ok(())
}

/// Records that a source gives nothing, and why; what was published before keeps its age.
///
/// # Errors
/// [`StoreError::Unavailable`].
pub async fn set_source_problem(
    tx: &mut Tx,
    tenant_id: TenantId,
    source: &'static str,
    problem: Option<&str>,
) -> Result<(), StoreError> {
    on_either!(tx, conn =>
        sqlx::query(
            "insert into sources (tenant_id, source, as_of, published_at, round, row_count, problem, state)
             values ($1, $2, null, null, 0, 0, $3, '{}')
             on conflict (tenant_id, source) do update set problem = excluded.problem",
        )
        .bind(tenant_id.to_string())
        .bind(source)
        .bind(problem.map(str::to_owned))
        .execute(conn)
        .await
        .map(|_| ()))?;
    Ok(())
}

/// Keeps where a resumable lane stands.
///
/// # Errors
/// [`StoreError::Unavailable`].
pub async fn set_source_state(
    tx: &mut Tx,
    tenant_id: TenantId,
    source: &'static str,
    state: &str,
) -> Result<(), StoreError> {
    on_either!(tx, conn =>
        sqlx::query(
            "insert into sources (tenant_id, source, as_of, published_at, round, row_count, problem, state)
             values ($1, $2, null, null, 0, 0, null, $3)
             on conflict (tenant_id, source) do update set state = excluded.state",
        )
        .bind(tenant_id.to_string())
        .bind(source)
        .bind(state.to_owned())
        .execute(conn)
        .await
        .map(|_| ()))?;
    Ok(())
}

/// A row that could not be used.
#[derive(Debug, Clone)]
pub struct Quarantined {
    /// Its own id.
    pub id: String,
    /// Line in the file, from 1.
    pub line: i64,
    /// Why.
    pub reason: String,
    /// How it looked, shortened.
    pub sample: String,
}

/// Keeps the rows a run could not use.
///
/// # Errors
/// [`StoreError::Unavailable`].
pub async fn insert_quarantined(
    tx: &mut Tx,
    tenant_id: TenantId,
    task: &str,
    run_id: SyncRunId,
    rows: &[Quarantined],
    now: Timestamp,
) -> Result<(), StoreError> {
    for chunk in rows.chunks(500) {
        on_either!(tx, conn => {
            let mut query = sqlx::QueryBuilder::new(
                "insert into quarantine (tenant_id, id, task, run_id, line, reason, sample, at) ",
            );
            query.push_values(chunk, |mut row, item| {
                row.push_bind(tenant_id.to_string())
                    .push_bind(item.id.clone())
                    .push_bind(task.to_owned())
                    .push_bind(run_id.to_string())
                    .push_bind(item.line)
                    .push_bind(item.reason.clone())
                    .push_bind(item.sample.clone())
                    .push_bind(now.as_micros());
            });
            query.build().execute(conn).await.map(|_| ())
        })?;
    }
    Ok(())
}
