//! Ways into a tenant. What is sealed is opaque here: it opens only in its own column of its own row, and the
//! engine holds the key.

use reseat_domain::ids::TenantId;
use reseat_domain::time::Timestamp;
use sqlx::FromRow;

use crate::error::StoreError;
use crate::pool::{Tx, on_either};

/// A connection as the configuration gives it, without its secret.
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
    /// SHA-256 of the certificate, if it signs in with one.
    pub certificate_thumbprint: Option<String>,
    /// When secret or certificate ends, if that is known.
    pub expires_at: Option<Timestamp>,
}

/// A connection entered in the console, with its secret sealed.
#[derive(Debug, Clone)]
pub struct EnteredConnection {
    /// Everything that is no secret.
    pub connection: Connection,
    /// `PS256` or `RS256`, for a certificate.
    pub certificate_algorithm: Option<String>,
    /// The client secret, or certificate and key; none for an app without a credential of its own.
    pub sealed_secret: Option<String>,
}

/// A connection as it is kept.
#[derive(Debug, Clone, FromRow)]
pub struct ConnectionRow {
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
    /// `configuration` or `console`.
    pub origin: String,
    /// `configured`, `working`, `failing` or `read_only`.
    pub status: String,
    /// Since when.
    pub status_at: Option<i64>,
    /// What is wrong, if something is.
    pub problem: Option<String>,
    /// What to do about it.
    pub remedy: Option<String>,
    /// What it signs in with, sealed.
    pub sealed_secret: Option<String>,
    /// `PS256` or `RS256`, for a certificate.
    pub certificate_algorithm: Option<String>,
    /// SHA-256 of the certificate.
    pub certificate_thumbprint: Option<String>,
    /// When secret or certificate ends.
    pub expires_at: Option<i64>,
    /// The refresh token in use, sealed.
    pub sealed_refresh_token: Option<String>,
    /// The one before, sealed; kept until the newer one was used.
    pub sealed_previous_token: Option<String>,
    /// Who signed in.
    pub signed_in_as: Option<String>,
    /// When.
    pub signed_in_at: Option<i64>,
    /// What the last check found, as JSON.
    pub last_check: Option<String>,
    /// When that was.
    pub last_check_at: Option<i64>,
    /// Counts up with each change of what it signs in with.
    pub version: i64,
}

const COLUMNS: &str = "purpose, kind, client_id, graph_url, authority_url, origin, status, status_at, problem, remedy, \
                       sealed_secret, certificate_algorithm, certificate_thumbprint, expires_at, \
                       sealed_refresh_token, sealed_previous_token, signed_in_as, signed_in_at, last_check, \
                       last_check_at, version";

/// All connections of a tenant: reader, writer, mailer.
///
/// # Errors
/// [`StoreError::Unavailable`].
pub async fn list_connections(tx: &mut Tx, tenant_id: TenantId) -> Result<Vec<ConnectionRow>, StoreError> {
    let sql = sqlx::AssertSqlSafe(format!(
        "select {COLUMNS} from connections where tenant_id = $1
         order by case purpose when 'reader' then 1 when 'writer' then 2 else 3 end"
    ));
    Ok(on_either!(tx, conn => sqlx::query_as(sql).bind(tenant_id.to_string()).fetch_all(conn).await)?)
}

/// One connection.
///
/// # Errors
/// [`StoreError::Unavailable`].
pub async fn find_connection(
    tx: &mut Tx,
    tenant_id: TenantId,
    purpose: &str,
) -> Result<Option<ConnectionRow>, StoreError> {
    let sql = sqlx::AssertSqlSafe(format!("select {COLUMNS} from connections where tenant_id = $1 and id = $2"));
    Ok(on_either!(tx, conn =>
        sqlx::query_as(sql).bind(tenant_id.to_string()).bind(purpose.to_owned()).fetch_optional(conn).await)?)
}

/// Records a connection as the configuration gives it. Whatever was sealed for the same purpose goes away; how the
/// connection does is kept as long as it signs in as the same app in the same way.
///
/// # Errors
/// [`StoreError::Unavailable`].
pub async fn upsert_connection(tx: &mut Tx, tenant_id: TenantId, connection: &Connection) -> Result<(), StoreError> {
    on_either!(tx, conn =>
        sqlx::query(
            "insert into connections (tenant_id, id, purpose, kind, client_id, graph_url, authority_url, status,
                                      status_at, origin, certificate_thumbprint, expires_at)
             values ($1, $2, $2, $3, $4, $5, $6, 'configured', null, 'configuration', $7, $8)
             on conflict (tenant_id, id) do update set
                 status = case when connections.client_id = excluded.client_id and connections.kind = excluded.kind
                               then connections.status else 'configured' end,
                 problem = case when connections.client_id = excluded.client_id and connections.kind = excluded.kind
                                then connections.problem else null end,
                 last_check = case when connections.client_id = excluded.client_id and connections.kind = excluded.kind
                                   then connections.last_check else null end,
                 kind = excluded.kind, client_id = excluded.client_id,
                 graph_url = excluded.graph_url, authority_url = excluded.authority_url, origin = excluded.origin,
                 certificate_thumbprint = excluded.certificate_thumbprint, expires_at = excluded.expires_at,
                 certificate_algorithm = null, sealed_secret = null, sealed_refresh_token = null,
                 sealed_previous_token = null, signed_in_as = null, signed_in_at = null",
        )
        .bind(tenant_id.to_string())
        .bind(connection.purpose.clone())
        .bind(connection.kind.clone())
        .bind(connection.client_id.clone())
        .bind(connection.graph_url.clone())
        .bind(connection.authority_url.clone())
        .bind(connection.certificate_thumbprint.clone())
        .bind(connection.expires_at.map(Timestamp::as_micros))
        .execute(conn)
        .await
        .map(|_| ()))?;
    Ok(())
}

/// Saves a connection that was entered in the console, in place of the one of the same purpose. Nobody has signed
/// in for it yet.
///
/// # Errors
/// [`StoreError::Conflict`] when the configuration gives the connection of this purpose.
pub async fn save_connection(tx: &mut Tx, tenant_id: TenantId, entered: &EnteredConnection) -> Result<(), StoreError> {
    let connection = &entered.connection;
    let done = on_either!(tx, conn =>
        sqlx::query(
            "insert into connections (tenant_id, id, purpose, kind, client_id, graph_url, authority_url, status,
                                      status_at, origin, sealed_secret, certificate_algorithm,
                                      certificate_thumbprint, expires_at)
             values ($1, $2, $2, $3, $4, $5, $6, 'configured', null, 'console', $7, $8, $9, $10)
             on conflict (tenant_id, id) do update set kind = excluded.kind, client_id = excluded.client_id,
                 graph_url = excluded.graph_url, authority_url = excluded.authority_url, status = excluded.status,
                 status_at = null, problem = null, remedy = null, sealed_secret = excluded.sealed_secret,
                 certificate_algorithm = excluded.certificate_algorithm,
                 certificate_thumbprint = excluded.certificate_thumbprint, expires_at = excluded.expires_at,
                 sealed_refresh_token = null, sealed_previous_token = null, signed_in_as = null,
                 signed_in_at = null, last_check = null, last_check_at = null, version = connections.version + 1
             where connections.origin = 'console'",
        )
        .bind(tenant_id.to_string())
        .bind(connection.purpose.clone())
        .bind(connection.kind.clone())
        .bind(connection.client_id.clone())
        .bind(connection.graph_url.clone())
        .bind(connection.authority_url.clone())
        .bind(entered.sealed_secret.clone())
        .bind(entered.certificate_algorithm.clone())
        .bind(connection.certificate_thumbprint.clone())
        .bind(connection.expires_at.map(Timestamp::as_micros))
        .execute(conn)
        .await
        .map(|done| done.rows_affected()))?;
    if done == 0 { Err(StoreError::Conflict) } else { Ok(()) }
}

/// Removes a connection with everything sealed for it; `false` when there is none of this origin.
///
/// # Errors
/// [`StoreError::Unavailable`].
pub async fn remove_connection(
    tx: &mut Tx,
    tenant_id: TenantId,
    purpose: &str,
    origin: &'static str,
) -> Result<bool, StoreError> {
    let done = on_either!(tx, conn =>
        sqlx::query("delete from connections where tenant_id = $1 and id = $2 and origin = $3")
            .bind(tenant_id.to_string())
            .bind(purpose.to_owned())
            .bind(origin)
            .execute(conn)
            .await
            .map(|done| done.rows_affected()))?;
    Ok(done > 0)
}

/// Records how a connection does; what was wrong with it is over.
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
    set_status(tx, tenant_id, purpose, status, None, now).await
}

/// Records what is wrong with a connection, and what to do about it.
///
/// # Errors
/// [`StoreError::Unavailable`].
pub async fn set_connection_problem(
    tx: &mut Tx,
    tenant_id: TenantId,
    purpose: &str,
    status: &str,
    problem: (&str, &str),
    now: Timestamp,
) -> Result<(), StoreError> {
    set_status(tx, tenant_id, purpose, status, Some(problem), now).await
}

async fn set_status(
    tx: &mut Tx,
    tenant_id: TenantId,
    purpose: &str,
    status: &str,
    problem: Option<(&str, &str)>,
    now: Timestamp,
) -> Result<(), StoreError> {
    on_either!(tx, conn =>
        sqlx::query(
            "update connections set status = $3, status_at = $4, problem = $5, remedy = $6
             where tenant_id = $1 and id = $2",
        )
        .bind(tenant_id.to_string())
        .bind(purpose.to_owned())
        .bind(status.to_owned())
        .bind(now.as_micros())
        .bind(problem.map(|(problem, _)| crate::dialect::storable(problem)))
        .bind(problem.map(|(_, remedy)| crate::dialect::storable(remedy)))
        .execute(conn)
        .await
        .map(|_| ()))?;
    Ok(())
}

/// Keeps what a check of a connection found, as JSON.
///
/// # Errors
/// [`StoreError::Unavailable`].
pub async fn record_check(
    tx: &mut Tx,
    tenant_id: TenantId,
    purpose: &str,
    found: &str,
    now: Timestamp,
) -> Result<(), StoreError> {
    on_either!(tx, conn =>
        sqlx::query("update connections set last_check = $3, last_check_at = $4 where tenant_id = $1 and id = $2")
            .bind(tenant_id.to_string())
            .bind(purpose.to_owned())
            .bind(found.to_owned())
            .bind(now.as_micros())
            .execute(conn)
            .await
            .map(|_| ()))?;
    Ok(())
}

/// Keeps the refresh token of a person who signed in for a connection that still is at `version`.
///
/// # Errors
/// [`StoreError::Conflict`] when the connection was changed or removed meanwhile.
pub async fn record_signed_in(
    tx: &mut Tx,
    tenant_id: TenantId,
    purpose: &str,
    version: i64,
    signed_in_as: &str,
    sealed_refresh_token: &str,
    now: Timestamp,
) -> Result<(), StoreError> {
    let done = on_either!(tx, conn =>
        sqlx::query(
            "update connections set sealed_refresh_token = $4, sealed_previous_token = null, signed_in_as = $5,
                 signed_in_at = $6, status = 'configured', status_at = $6, problem = null, remedy = null,
                 version = version + 1
             where tenant_id = $1 and id = $2 and version = $3 and kind = 'authorization_code' and origin = 'console'",
        )
        .bind(tenant_id.to_string())
        .bind(purpose.to_owned())
        .bind(version)
        .bind(sealed_refresh_token.to_owned())
        .bind(crate::dialect::storable(signed_in_as))
        .bind(now.as_micros())
        .execute(conn)
        .await
        .map(|done| done.rows_affected()))?;
    if done == 0 { Err(StoreError::Conflict) } else { Ok(()) }
}

/// Puts a rotated refresh token in place of the one it came for, which is kept as the previous one until the new one
/// was used (section 1.4 of Microsoft's behavior). A connection that is not at `version` any more has another
/// person's token by now and is left alone: `false`.
///
/// # Errors
/// [`StoreError::Unavailable`].
pub async fn rotate_refresh_token(
    tx: &mut Tx,
    tenant_id: TenantId,
    purpose: &str,
    version: i64,
    sealed_refresh_token: &str,
    sealed_previous_token: &str,
) -> Result<bool, StoreError> {
    let done = on_either!(tx, conn =>
        sqlx::query(
            "update connections set sealed_refresh_token = $4, sealed_previous_token = $5
             where tenant_id = $1 and id = $2 and version = $3 and sealed_refresh_token is not null",
        )
        .bind(tenant_id.to_string())
        .bind(purpose.to_owned())
        .bind(version)
        .bind(sealed_refresh_token.to_owned())
        .bind(sealed_previous_token.to_owned())
        .execute(conn)
        .await
        .map(|done| done.rows_affected()))?;
    Ok(done > 0)
}
