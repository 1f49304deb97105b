//! The stop. One row per tenant while it is frozen; thawing removes it.

use reseat_domain::ids::{AccountId, TenantId};
use reseat_domain::time::Timestamp;
use sqlx::FromRow;

use crate::error::StoreError;
use crate::pool::{Tx, on_either};

/// A freeze in force.
#[derive(Debug, Clone, FromRow)]
pub struct FreezeRow {
    /// Why.
    pub reason: String,
    /// Who, as an account id.
    pub frozen_by: String,
    /// When.
    pub frozen_at: i64,
    /// Who asked to go on.
    pub thaw_by: Option<String>,
    /// When.
    pub thaw_asked_at: Option<i64>,
}

/// The freeze in force, if one is.
///
/// # Errors
/// [`StoreError::Unavailable`].
pub async fn find_freeze(tx: &mut Tx, tenant_id: TenantId) -> Result<Option<FreezeRow>, StoreError> {
    Ok(on_either!(tx, conn =>
        sqlx::query_as(
            "select reason, frozen_by, frozen_at, thaw_by, thaw_asked_at from freezes where tenant_id = $1",
        )
        .bind(tenant_id.to_string())
        .fetch_optional(conn)
        .await)?)
}

/// Freezes; a freeze already in force stays as it is, but a wish to thaw is taken back.
///
/// # Errors
/// [`StoreError::Unavailable`].
pub async fn freeze(
    tx: &mut Tx,
    tenant_id: TenantId,
    reason: &str,
    by: &str,
    now: Timestamp,
) -> Result<(), StoreError> {
    on_either!(tx, conn =>
        sqlx::query(
            "insert into freezes (tenant_id, reason, frozen_by, frozen_at, thaw_by, thaw_asked_at)
             values ($1, $2, $3, $4, null, null)
             on conflict (tenant_id) do update set thaw_by = null, thaw_asked_at = null",
        )
        .bind(tenant_id.to_string())
        .bind(reason.to_owned())
        .bind(by.to_owned())
        .bind(now.as_micros())
        .execute(conn)
        .await
        .map(|_| ()))?;
    Ok(())
}

/// Records the first of two wishes to go on.
///
/// # Errors
/// [`StoreError::Unavailable`].
pub async fn ask_thaw(tx: &mut Tx, tenant_id: TenantId, by: AccountId, now: Timestamp) -> Result<(), StoreError> {
    on_either!(tx, conn =>
        sqlx::query("update freezes set thaw_by = $2, thaw_asked_at = $3 where tenant_id = $1")
            .bind(tenant_id.to_string())
            .bind(by.to_string())
            .bind(now.as_micros())
            .execute(conn)
            .await
            .map(|_| ()))?;
    Ok(())
}

/// Ends the freeze.
///
/// # Errors
/// [`StoreError::Unavailable`].
pub async fn thaw(tx: &mut Tx, tenant_id: TenantId) -> Result<(), StoreError> {
    on_either!(tx, conn =>
        sqlx::query("delete from freezes where tenant_id = $1").bind(tenant_id.to_string()).execute(conn).await.map(|_| ()))?;
    Ok(())
}
