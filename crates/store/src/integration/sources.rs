//! Published sources, and the rows that could not be used.

use reseat_domain::ids::{SyncRunId, TenantId};
use reseat_domain::time::Timestamp;
use sqlx::FromRow;

use crate::dialect::storable;
use crate::error::StoreError;
use crate::pool::{Tx, on_either};

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
                    .push_bind(storable(&item.reason))
                    .push_bind(storable(&item.sample))
                    .push_bind(now.as_micros());
            });
            query.build().execute(conn).await.map(|_| ())
        })?;
    }
    Ok(())
}
