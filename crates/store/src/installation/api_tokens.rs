//! Bearer tokens for the REST interface. The token itself is never kept, only its hash.

use reseat_domain::ids::{AccountId, ApiTokenId};
use reseat_domain::time::Timestamp;
use sqlx::FromRow;

use super::accounts::{self, Account};
use crate::error::{StoreError, parse};
use crate::pool::{Tx, on_either};

/// A token, without its secret.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ApiToken {
    /// Its id.
    pub id: ApiTokenId,
    /// Whose rights it carries.
    pub account_id: AccountId,
    /// What its owner calls it.
    pub name: String,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it ends by itself.
    pub expires_at: Option<Timestamp>,
    /// When it was taken back.
    pub revoked_at: Option<Timestamp>,
}

#[derive(FromRow)]
struct Row {
    token_id: String,
    account_id: String,
    name: String,
    created_at: i64,
    expires_at: Option<i64>,
    revoked_at: Option<i64>,
}

impl Row {
    fn into_token(self) -> Result<ApiToken, StoreError> {
        Ok(ApiToken {
            id: parse("api_tokens", "token_id", &self.token_id)?,
            account_id: parse("api_tokens", "account_id", &self.account_id)?,
            name: self.name,
            created_at: Timestamp::from_micros(self.created_at),
            expires_at: self.expires_at.map(Timestamp::from_micros),
            revoked_at: self.revoked_at.map(Timestamp::from_micros),
        })
    }
}

/// Adds a token by its hash.
///
/// # Errors
/// [`StoreError::Conflict`] when the token exists.
pub async fn insert_token(tx: &mut Tx, token: &ApiToken, token_hash: &str) -> Result<(), StoreError> {
    on_either!(tx, conn =>
        sqlx::query(
            "insert into api_tokens (token_id, token_hash, account_id, name, created_at, expires_at, revoked_at)
             values ($1, $2, $3, $4, $5, $6, $7)",
        )
        .bind(token.id.to_string())
        .bind(token_hash.to_owned())
        .bind(token.account_id.to_string())
        .bind(token.name.clone())
        .bind(token.created_at.as_micros())
        .bind(token.expires_at.map(Timestamp::as_micros))
        .bind(token.revoked_at.map(Timestamp::as_micros))
        .execute(conn)
        .await
        .map(|_| ()))?;
    Ok(())
}

#[derive(FromRow)]
struct TokenOwner {
    token_id: String,
    #[sqlx(flatten)]
    account: accounts::Row,
}

/// The token with a hash and its account as it is now, if the token is in force at `now` and the
/// account may sign in.
///
/// # Errors
/// [`StoreError::Corrupt`].
pub async fn find_token(
    tx: &mut Tx,
    token_hash: &str,
    now: Timestamp,
) -> Result<Option<(ApiTokenId, Account)>, StoreError> {
    let sql = sqlx::AssertSqlSafe(format!(
        "select t.token_id, {}
         from api_tokens t join accounts a on a.account_id = t.account_id
         where t.token_hash = $1 and t.revoked_at is null and (t.expires_at is null or t.expires_at > $2)
           and a.enabled = TRUE",
        accounts::COLUMNS
    ));
    let row: Option<TokenOwner> = on_either!(tx, conn =>
        sqlx::query_as(sql).bind(token_hash.to_owned()).bind(now.as_micros()).fetch_optional(conn).await)?;
    row.map(|row| Ok((parse("api_tokens", "token_id", &row.token_id)?, row.account.into_account()?))).transpose()
}

/// The tokens of an account, the newest first.
///
/// # Errors
/// [`StoreError::Corrupt`].
pub async fn list_tokens(tx: &mut Tx, account_id: AccountId) -> Result<Vec<ApiToken>, StoreError> {
    let rows: Vec<Row> = on_either!(tx, conn =>
        sqlx::query_as(
            "select token_id, account_id, name, created_at, expires_at, revoked_at from api_tokens
             where account_id = $1 order by created_at desc, token_id desc",
        )
        .bind(account_id.to_string())
        .fetch_all(conn)
        .await)?;
    rows.into_iter().map(Row::into_token).collect()
}

/// Takes a token of an account back; `false` when the account has no such token in force.
///
/// # Errors
/// [`StoreError::Unavailable`].
pub async fn revoke_token(
    tx: &mut Tx,
    account_id: AccountId,
    id: ApiTokenId,
    now: Timestamp,
) -> Result<bool, StoreError> {
    let done = on_either!(tx, conn =>
        sqlx::query(
            "update api_tokens set revoked_at = $3 where account_id = $1 and token_id = $2 and revoked_at is null",
        )
        .bind(account_id.to_string())
        .bind(id.to_string())
        .bind(now.as_micros())
        .execute(conn)
        .await
        .map(|done| done.rows_affected()))?;
    Ok(done > 0)
}
