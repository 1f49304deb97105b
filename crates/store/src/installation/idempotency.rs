//! Keys that make a repeated command give its first answer again.

use reseat_domain::ids::AccountId;
use reseat_domain::time::Timestamp;

use crate::error::StoreError;
use crate::pool::{Tx, on_either};

/// What stands in the place of a status while the answer is not known.
const RUNNING: i64 = 0;

/// A command that carries a key.
#[derive(Debug, Clone, Copy)]
pub struct KeyedRequest<'a> {
    /// Who sends it.
    pub account_id: AccountId,
    /// The key its sender chose.
    pub key: &'a str,
    /// Hash over method, path and body.
    pub request_hash: &'a str,
}

/// What is known about a key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Begun {
    /// Nothing: it is ours now, and [`finish`] or [`release`] must follow.
    New,
    /// The same request is being worked on.
    Running,
    /// The same request was answered.
    Answered {
        /// HTTP status.
        status: i64,
        /// The body.
        body: String,
    },
    /// The key was used for another request.
    Mismatch,
}

/// Takes a key, or says what came of it. A request begun before `abandoned_before` and never
/// finished is taken over: its server is gone.
///
/// # Errors
/// [`StoreError::Unavailable`].
pub async fn begin(
    tx: &mut Tx,
    request: KeyedRequest<'_>,
    now: Timestamp,
    abandoned_before: Timestamp,
) -> Result<Begun, StoreError> {
    let taken = on_either!(&mut *tx, conn =>
        sqlx::query(
            "insert into idempotency_keys (account_id, key, request_hash, status, body, created_at)
             values ($1, $2, $3, $4, '', $5)
             on conflict (account_id, key) do update set created_at = excluded.created_at
                 where idempotency_keys.request_hash = excluded.request_hash
                   and idempotency_keys.status = excluded.status and idempotency_keys.created_at < $6",
        )
        .bind(request.account_id.to_string())
        .bind(request.key.to_owned())
        .bind(request.request_hash.to_owned())
        .bind(RUNNING)
        .bind(now.as_micros())
        .bind(abandoned_before.as_micros())
        .execute(conn)
        .await
        .map(|done| done.rows_affected()))?;
    if taken == 1 {
        return Ok(Begun::New);
    }
    Ok(find(tx, request).await?.unwrap_or(Begun::Running))
}

/// What is known about a key, without taking it.
///
/// # Errors
/// [`StoreError::Unavailable`].
pub async fn find(tx: &mut Tx, request: KeyedRequest<'_>) -> Result<Option<Begun>, StoreError> {
    let row: Option<(String, i64, String)> = on_either!(tx, conn =>
        sqlx::query_as("select request_hash, status, body from idempotency_keys where account_id = $1 and key = $2")
            .bind(request.account_id.to_string())
            .bind(request.key.to_owned())
            .fetch_optional(conn)
            .await)?;
    Ok(row.map(|(request_hash, status, body)| {
        if request_hash != request.request_hash {
            Begun::Mismatch
        } else if status == RUNNING {
            Begun::Running
        } else {
            Begun::Answered { status, body }
        }
    }))
}

/// Keeps the answer of a request that was begun.
///
/// # Errors
/// [`StoreError::Conflict`] when the key is not ours.
pub async fn finish(tx: &mut Tx, request: KeyedRequest<'_>, status: i64, body: &str) -> Result<(), StoreError> {
    let done = on_either!(tx, conn =>
        sqlx::query(
            "update idempotency_keys set status = $4, body = $5
             where account_id = $1 and key = $2 and request_hash = $3 and status = $6",
        )
        .bind(request.account_id.to_string())
        .bind(request.key.to_owned())
        .bind(request.request_hash.to_owned())
        .bind(status)
        .bind(body.to_owned())
        .bind(RUNNING)
        .execute(conn)
        .await
        .map(|done| done.rows_affected()))?;
    if done == 1 { Ok(()) } else { Err(StoreError::Conflict) }
}

/// Lets go of a key whose request changed nothing, so that it can be tried again.
///
/// # Errors
/// [`StoreError::Unavailable`].
pub async fn release(tx: &mut Tx, request: KeyedRequest<'_>) -> Result<(), StoreError> {
    on_either!(tx, conn =>
        sqlx::query("delete from idempotency_keys where account_id = $1 and key = $2 and status = $3")
            .bind(request.account_id.to_string())
            .bind(request.key.to_owned())
            .bind(RUNNING)
            .execute(conn)
            .await
            .map(|_| ()))?;
    Ok(())
}

/// Forgets keys from before a moment.
///
/// # Errors
/// [`StoreError::Unavailable`].
pub async fn delete_keys_before(tx: &mut Tx, before: Timestamp) -> Result<u64, StoreError> {
    Ok(on_either!(tx, conn =>
        sqlx::query("delete from idempotency_keys where created_at < $1")
            .bind(before.as_micros())
            .execute(conn)
            .await
            .map(|done| done.rows_affected()))?)
}
