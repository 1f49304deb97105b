//! The circuit breaker of writes: one row per tenant, from when it first opened.

use reseat_domain::ids::{IntentId, TenantId};
use reseat_domain::time::Timestamp;

use crate::error::{StoreError, parse_opt};
use crate::pool::{Tx, on_either};

/// A circuit that is open, or lets its canary through.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Circuit {
    /// Why it opened.
    pub reason: String,
    /// When.
    pub opened_at: Timestamp,
    /// When one write may try again.
    pub retry_at: Timestamp,
    /// That one write, while its outcome is waited for.
    pub canary: Option<IntentId>,
}

/// The circuit of a tenant; `None` while it is closed.
///
/// # Errors
/// [`StoreError::Corrupt`].
pub async fn find_circuit(tx: &mut Tx, tenant_id: TenantId) -> Result<Option<Circuit>, StoreError> {
    let row: Option<(String, i64, i64, Option<String>)> = on_either!(tx, conn =>
        sqlx::query_as("select reason, opened_at, retry_at, canary_intent from write_circuits
                         where tenant_id = $1 and closed_at is null")
            .bind(tenant_id.to_string())
            .fetch_optional(conn)
            .await)?;
    row.map(|(reason, opened_at, retry_at, canary)| {
        Ok(Circuit {
            reason,
            opened_at: Timestamp::from_micros(opened_at),
            retry_at: Timestamp::from_micros(retry_at),
            canary: parse_opt("write_circuits", "canary_intent", canary.as_deref())?,
        })
    })
    .transpose()
}

/// Opens the circuit, or keeps it open for longer, and forgets its canary.
///
/// # Errors
/// [`StoreError::Unavailable`].
pub async fn open_circuit(
    tx: &mut Tx,
    tenant_id: TenantId,
    reason: &str,
    now: Timestamp,
    retry_at: Timestamp,
) -> Result<(), StoreError> {
    on_either!(tx, conn =>
        sqlx::query(
            "insert into write_circuits (tenant_id, reason, opened_at, retry_at, canary_intent, closed_at)
             values ($1, $2, $3, $4, null, null)
             on conflict (tenant_id) do update set reason = excluded.reason, retry_at = excluded.retry_at,
                 opened_at = case when write_circuits.closed_at is null then write_circuits.opened_at
                                  else excluded.opened_at end,
                 canary_intent = null, closed_at = null",
        )
        .bind(tenant_id.to_string())
        .bind(reason.to_owned())
        .bind(now.as_micros())
        .bind(retry_at.as_micros())
        .execute(conn)
        .await
        .map(|_| ()))?;
    Ok(())
}

/// Says which write is the canary; `None` lets another one be it.
///
/// # Errors
/// [`StoreError::Unavailable`].
pub async fn set_canary(tx: &mut Tx, tenant_id: TenantId, intent: Option<IntentId>) -> Result<(), StoreError> {
    on_either!(tx, conn =>
        sqlx::query("update write_circuits set canary_intent = $2 where tenant_id = $1 and closed_at is null")
            .bind(tenant_id.to_string())
            .bind(intent.map(|id| id.to_string()))
            .execute(conn)
            .await
            .map(|_| ()))?;
    Ok(())
}

/// Closes the circuit; `false` when it was closed.
///
/// # Errors
/// [`StoreError::Unavailable`].
pub async fn close_circuit(tx: &mut Tx, tenant_id: TenantId, now: Timestamp) -> Result<bool, StoreError> {
    let done = on_either!(tx, conn =>
        sqlx::query(
            "update write_circuits set closed_at = $2, canary_intent = null
             where tenant_id = $1 and closed_at is null",
        )
            .bind(tenant_id.to_string())
            .bind(now.as_micros())
            .execute(conn)
            .await
            .map(|done| done.rows_affected()))?;
    Ok(done > 0)
}

/// What became of the last removals that were sent since the circuit closed, the last sent first, as words.
/// In the order of sending, because a proof comes long after the answer it belongs to.
///
/// # Errors
/// [`StoreError::Unavailable`].
pub async fn list_last_outcomes(tx: &mut Tx, tenant_id: TenantId, limit: i64) -> Result<Vec<String>, StoreError> {
    let rows: Vec<(String,)> = on_either!(tx, conn =>
        sqlx::query_as(
            "select outcome from intents
             where tenant_id = $1 and kind <> 'restore' and state <> 'not_sent' and outcome is not null
               and created_at > coalesce((select closed_at from write_circuits where tenant_id = $1), -1)
             order by created_at desc, id desc limit $2",
        )
        .bind(tenant_id.to_string())
        .bind(limit)
        .fetch_all(conn)
        .await)?;
    Ok(rows.into_iter().map(|row| row.0).collect())
}
