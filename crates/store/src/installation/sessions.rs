//! Sessions of the console. The token itself is never kept, only its hash.

use reseat_domain::ids::AccountId;
use reseat_domain::time::Timestamp;
use sqlx::FromRow;

use super::accounts::{self, Account};
use crate::error::StoreError;
use crate::pool::{Tx, on_either};

/// A session.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Session {
    /// Hash of the cookie's token.
    pub token_hash: String,
    /// Whose.
    pub account_id: AccountId,
    /// What an unsafe request must send along.
    pub csrf_token: String,
    /// When the person signed in.
    pub created_at: Timestamp,
    /// When it was last used.
    pub last_seen_at: Timestamp,
    /// When it ends, used or not.
    pub expires_at: Timestamp,
}

#[derive(FromRow)]
struct Row {
    token_hash: String,
    csrf_token: String,
    created_at: i64,
    last_seen_at: i64,
    expires_at: i64,
    #[sqlx(flatten)]
    account: accounts::Row,
}

/// Begins a session.
///
/// # Errors
/// [`StoreError::Unavailable`].
pub async fn insert_session(tx: &mut Tx, session: &Session) -> Result<(), StoreError> {
    on_either!(tx, conn =>
        sqlx::query(
            "insert into sessions (token_hash, account_id, csrf_token, created_at, last_seen_at, expires_at)
             values ($1, $2, $3, $4, $5, $6)",
        )
        .bind(session.token_hash.clone())
        .bind(session.account_id.to_string())
        .bind(session.csrf_token.clone())
        .bind(session.created_at.as_micros())
        .bind(session.last_seen_at.as_micros())
        .bind(session.expires_at.as_micros())
        .execute(conn)
        .await
        .map(|_| ()))?;
    Ok(())
}

/// A session that is neither over at `now` nor unused since `seen_after`, with its account as it is
/// now. A disabled account has none.
///
/// # Errors
/// [`StoreError::Corrupt`].
pub async fn find_session(
    tx: &mut Tx,
    token_hash: &str,
    now: Timestamp,
    seen_after: Timestamp,
) -> Result<Option<(Session, Account)>, StoreError> {
    let sql = sqlx::AssertSqlSafe(format!(
        "select s.token_hash, s.csrf_token, s.created_at, s.last_seen_at, s.expires_at, {}
         from sessions s join accounts a on a.account_id = s.account_id
         where s.token_hash = $1 and s.expires_at > $2 and s.last_seen_at > $3 and a.enabled = TRUE",
        accounts::COLUMNS
    ));
    let row: Option<Row> = on_either!(tx, conn =>
        sqlx::query_as(sql)
            .bind(token_hash.to_owned())
            .bind(now.as_micros())
            .bind(seen_after.as_micros())
            .fetch_optional(conn)
            .await)?;
    row.map(|row| {
        let account = row.account.into_account()?;
        let session = Session {
            token_hash: row.token_hash,
            account_id: account.id,
            csrf_token: row.csrf_token,
            created_at: Timestamp::from_micros(row.created_at),
            last_seen_at: Timestamp::from_micros(row.last_seen_at),
            expires_at: Timestamp::from_micros(row.expires_at),
        };
        Ok((session, account))
    })
    .transpose()
}

/// Records that a session was used.
///
/// # Errors
/// [`StoreError::Unavailable`].
pub async fn touch_session(tx: &mut Tx, token_hash: &str, now: Timestamp) -> Result<(), StoreError> {
    on_either!(tx, conn =>
        sqlx::query("update sessions set last_seen_at = $2 where token_hash = $1 and last_seen_at < $2")
            .bind(token_hash.to_owned())
            .bind(now.as_micros())
            .execute(conn)
            .await
            .map(|_| ()))?;
    Ok(())
}

/// Ends a session; `false` when there was none.
///
/// # Errors
/// [`StoreError::Unavailable`].
pub async fn delete_session(tx: &mut Tx, token_hash: &str) -> Result<bool, StoreError> {
    let done = on_either!(tx, conn =>
        sqlx::query("delete from sessions where token_hash = $1")
            .bind(token_hash.to_owned())
            .execute(conn)
            .await
            .map(|done| done.rows_affected()))?;
    Ok(done > 0)
}

/// Ends every session of an account (X11).
///
/// # Errors
/// [`StoreError::Unavailable`].
pub async fn delete_sessions_of(tx: &mut Tx, account_id: AccountId) -> Result<u64, StoreError> {
    Ok(on_either!(tx, conn =>
        sqlx::query("delete from sessions where account_id = $1")
            .bind(account_id.to_string())
            .execute(conn)
            .await
            .map(|done| done.rows_affected()))?)
}

/// Forgets sessions that are over at `now` or unused since `seen_after`.
///
/// # Errors
/// [`StoreError::Unavailable`].
pub async fn delete_expired_sessions(tx: &mut Tx, now: Timestamp, seen_after: Timestamp) -> Result<u64, StoreError> {
    Ok(on_either!(tx, conn =>
        sqlx::query("delete from sessions where expires_at <= $1 or last_seen_at <= $2")
            .bind(now.as_micros())
            .bind(seen_after.as_micros())
            .execute(conn)
            .await
            .map(|done| done.rows_affected()))?)
}
