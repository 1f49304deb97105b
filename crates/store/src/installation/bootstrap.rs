//! One-time codes that make the first administrator.

use reseat_domain::time::Timestamp;

use crate::error::StoreError;
use crate::pool::{Tx, on_either};

/// Keeps the hash of a new code; codes made before and not used end with it.
///
/// # Errors
/// [`StoreError::Unavailable`].
pub async fn insert_bootstrap_code(
    tx: &mut Tx,
    code_hash: &str,
    now: Timestamp,
    expires_at: Timestamp,
) -> Result<(), StoreError> {
    on_either!(&mut *tx, conn =>
        sqlx::query("delete from bootstrap_codes where used_at is null").execute(conn).await.map(|_| ()))?;
    on_either!(tx, conn =>
        sqlx::query(
            "insert into bootstrap_codes (code_hash, created_at, expires_at, used_at) values ($1, $2, $3, null)",
        )
        .bind(code_hash.to_owned())
        .bind(now.as_micros())
        .bind(expires_at.as_micros())
        .execute(conn)
        .await
        .map(|_| ()))?;
    Ok(())
}

/// Uses a code up; `false` when it is unknown, used or too old.
///
/// # Errors
/// [`StoreError::Unavailable`].
pub async fn use_bootstrap_code(tx: &mut Tx, code_hash: &str, now: Timestamp) -> Result<bool, StoreError> {
    let done = on_either!(tx, conn =>
        sqlx::query(
            "update bootstrap_codes set used_at = $2 where code_hash = $1 and used_at is null and expires_at > $2",
        )
        .bind(code_hash.to_owned())
        .bind(now.as_micros())
        .execute(conn)
        .await
        .map(|done| done.rows_affected()))?;
    Ok(done == 1)
}
