//! Sign-ins at Microsoft that were begun and have not come back yet.

use reseat_domain::ids::{AccountId, TenantId};
use reseat_domain::time::Timestamp;
use sqlx::FromRow;

use crate::error::StoreError;
use crate::pool::{Tx, on_either};

/// A sign-in about to be begun.
#[derive(Debug, Clone)]
pub struct Authorization {
    /// Hash of the state the browser carries.
    pub id: String,
    /// For which connection.
    pub purpose: String,
    /// As it was when the sign-in was begun.
    pub connection_version: i64,
    /// Who began it.
    pub account_id: AccountId,
    /// In which session, for one begun in the console.
    pub session_hash: Option<String>,
    /// The proof that code and sign-in belong together, sealed.
    pub sealed_verifier: String,
    /// What the identity token has to repeat, sealed.
    pub sealed_nonce: String,
    /// Where the browser comes back to.
    pub redirect_uri: String,
    /// When it was begun.
    pub created_at: Timestamp,
    /// Until when it may come back.
    pub expires_at: Timestamp,
}

/// A sign-in that was begun, as it is kept.
#[derive(Debug, Clone, FromRow)]
pub struct AuthorizationRow {
    /// For which connection.
    pub purpose: String,
    /// As it was when the sign-in was begun.
    pub connection_version: i64,
    /// Who began it.
    pub account_id: String,
    /// In which session.
    pub session_hash: Option<String>,
    /// Sealed.
    pub sealed_verifier: String,
    /// Sealed.
    pub sealed_nonce: String,
    /// Where the browser comes back to.
    pub redirect_uri: String,
    /// Until when it may come back.
    pub expires_at: i64,
}

/// Keeps a sign-in that is begun, and takes those away that can no longer come back.
///
/// # Errors
/// [`StoreError::Unavailable`].
pub async fn insert_authorization(
    tx: &mut Tx,
    tenant_id: TenantId,
    authorization: &Authorization,
) -> Result<(), StoreError> {
    on_either!(tx, conn =>
        sqlx::query("delete from authorizations where tenant_id = $1 and expires_at < $2")
            .bind(tenant_id.to_string())
            .bind(authorization.created_at.as_micros())
            .execute(conn)
            .await
            .map(|_| ()))?;
    on_either!(tx, conn =>
        sqlx::query(
            "insert into authorizations (tenant_id, id, purpose, connection_version, account_id, session_hash,
                                         sealed_verifier, sealed_nonce, redirect_uri, created_at, expires_at)
             values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)",
        )
        .bind(tenant_id.to_string())
        .bind(authorization.id.clone())
        .bind(authorization.purpose.clone())
        .bind(authorization.connection_version)
        .bind(authorization.account_id.to_string())
        .bind(authorization.session_hash.clone())
        .bind(authorization.sealed_verifier.clone())
        .bind(authorization.sealed_nonce.clone())
        .bind(authorization.redirect_uri.clone())
        .bind(authorization.created_at.as_micros())
        .bind(authorization.expires_at.as_micros())
        .execute(conn)
        .await
        .map(|_| ()))?;
    Ok(())
}

/// Takes a begun sign-in away and gives it: whoever comes second finds nothing.
///
/// # Errors
/// [`StoreError::Unavailable`].
pub async fn take_authorization(
    tx: &mut Tx,
    tenant_id: TenantId,
    id: &str,
) -> Result<Option<AuthorizationRow>, StoreError> {
    Ok(on_either!(tx, conn =>
        sqlx::query_as(
            "delete from authorizations where tenant_id = $1 and id = $2
             returning purpose, connection_version, account_id, session_hash, sealed_verifier, sealed_nonce,
                       redirect_uri, expires_at",
        )
        .bind(tenant_id.to_string())
        .bind(id.to_owned())
        .fetch_optional(conn)
        .await)?)
}
