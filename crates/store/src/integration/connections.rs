//! Ways into a tenant, without their secrets.

use reseat_domain::ids::TenantId;
use reseat_domain::time::Timestamp;

use crate::error::StoreError;
use crate::pool::{Tx, on_either};

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
