//! Tenants: how each is set and whether it is held.

use reseat_domain::ids::TenantId;
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

/// Records the end of a detection. What was published meanwhile is still to be judged: `nothing_new`
/// says that nothing was.
///
/// # Errors
/// [`StoreError::Unavailable`].
pub async fn record_detection(
    tx: &mut Tx,
    tenant_id: TenantId,
    now: Timestamp,
    nothing_new: bool,
) -> Result<(), StoreError> {
    on_either!(tx, conn =>
        sqlx::query("update tenants set detected_at = $2, detect_requested = $3 where tenant_id = $1")
            .bind(tenant_id.to_string())
            .bind(now.as_micros())
            .bind(!nothing_new)
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
