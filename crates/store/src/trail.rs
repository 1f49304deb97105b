//! The append-only trail. An entry is appended in the transaction of the change it tells of; no
//! entry, no change (I7).

use reseat_domain::audit::{ChainHash, Draft, Entry, Link, SubjectKey};
use reseat_domain::ids::{TenantId, UserId};
use reseat_domain::plan::hex;
use sqlx::FromRow;

use crate::dialect;
use crate::error::{StoreError, corrupt};
use crate::pool::{Tx, on_either};

/// The log of a tenant, or of the installation itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Log {
    /// What concerns one tenant.
    Tenant(TenantId),
    /// Accounts, sign-ins, settings.
    Installation,
}

impl Log {
    /// The log's name in the database and in every entry.
    pub fn name(self) -> String {
        match self {
            Self::Tenant(tenant_id) => tenant_id.to_string(),
            Self::Installation => "installation".to_owned(),
        }
    }
}

/// The end of a log.
#[derive(Debug, Clone, FromRow)]
pub struct Head {
    /// Entries so far.
    pub seq: i64,
    /// The chain hash after the last one.
    pub chain_hash: String,
    /// The log's own commitment key, sealed.
    pub sealed_key: String,
}

/// The end of a log, or `None` before its first entry.
///
/// # Errors
/// [`StoreError::Unavailable`].
pub async fn find_head(tx: &mut Tx, log: Log) -> Result<Option<Head>, StoreError> {
    Ok(on_either!(tx, conn =>
        sqlx::query_as("select seq, chain_hash, sealed_key from audit_heads where log = $1")
            .bind(log.name())
            .fetch_optional(conn)
            .await)?)
}

/// Begins a log with its sealed commitment key; does nothing when it exists.
///
/// # Errors
/// [`StoreError::Unavailable`].
pub async fn begin_log(tx: &mut Tx, log: Log, sealed_key: &str) -> Result<(), StoreError> {
    on_either!(tx, conn =>
        sqlx::query(
            "insert into audit_heads (log, seq, chain_hash, sealed_key) values ($1, 0, $2, $3)
             on conflict (log) do nothing",
        )
        .bind(log.name())
        .bind(ChainHash::GENESIS.to_string())
        .bind(sealed_key.to_owned())
        .execute(conn)
        .await
        .map(|_| ()))?;
    Ok(())
}

/// Appends an entry. The log must have been begun; `key` is the subject's, or the log's own.
///
/// # Errors
/// [`StoreError::Corrupt`] when the head is not readable.
pub async fn append(tx: &mut Tx, log: Log, draft: &Draft, key: &SubjectKey) -> Result<u64, StoreError> {
    dialect::lock_audit_head(tx, &log.name()).await?;
    let head = find_head(tx, log).await?.ok_or_else(|| corrupt("audit_heads", "log", &log.name()))?;
    let seq = u64::try_from(head.seq).map_err(|_| corrupt("audit_heads", "seq", &head.seq))? + 1;
    let entry = Entry::place(draft, &log.name(), seq, &head.chain_hash, key);
    let bytes = entry.to_bytes();
    let leaf = Entry::leaf_hash(&bytes);
    let prev = parse_chain_hash(&head.chain_hash)?;
    let chain_hash = ChainHash::from_bytes(prev).after(&leaf).to_string();
    let text = String::from_utf8(bytes).map_err(|_| corrupt("audit_entries", "bytes", &seq))?;
    let place = i64::try_from(seq).map_err(|_| corrupt("audit_heads", "seq", &seq))?;
    on_either!(tx, conn =>
        sqlx::query(
            "insert into audit_entries (log, seq, at, verb, object_kind, object_id, bytes, leaf_hash, chain_hash)
             values ($1, $2, $3, $4, $5, $6, $7, $8, $9)",
        )
        .bind(log.name())
        .bind(place)
        .bind(draft.at.as_micros())
        .bind(draft.verb.clone())
        .bind(draft.object.kind.clone())
        .bind(draft.object.id.clone())
        .bind(text)
        .bind(hex(&leaf))
        .bind(chain_hash.clone())
        .execute(conn)
        .await
        .map(|_| ()))?;
    on_either!(tx, conn =>
        sqlx::query(
            "insert into audit_readable (log, seq, user_id, actor_name, text, reason)
             values ($1, $2, $3, $4, $5, $6)",
        )
        .bind(log.name())
        .bind(place)
        .bind(draft.readable.user_id.clone())
        .bind(draft.readable.actor_name.clone())
        .bind(draft.readable.text.clone())
        .bind(draft.readable.reason.clone())
        .execute(conn)
        .await
        .map(|_| ()))?;
    on_either!(tx, conn =>
        sqlx::query("update audit_heads set seq = $2, chain_hash = $3 where log = $1")
            .bind(log.name())
            .bind(place)
            .bind(chain_hash)
            .execute(conn)
            .await
            .map(|_| ()))?;
    Ok(seq)
}

fn parse_chain_hash(text: &str) -> Result<[u8; 32], StoreError> {
    let mut out = [0_u8; 32];
    if text.len() != 64 || !text.is_ascii() {
        return Err(corrupt("audit_heads", "chain_hash", text));
    }
    for (at, byte) in out.iter_mut().enumerate() {
        *byte = u8::from_str_radix(&text[at * 2..at * 2 + 2], 16)
            .map_err(|_| corrupt("audit_heads", "chain_hash", text))?;
    }
    Ok(out)
}

#[derive(FromRow)]
struct LinkRow {
    seq: i64,
    bytes: String,
    leaf_hash: String,
    chain_hash: String,
}

/// The rows of a log after `after`, oldest first, at most `limit`.
///
/// # Errors
/// [`StoreError::Corrupt`].
pub async fn list_links(tx: &mut Tx, log: Log, after: u64, limit: i64) -> Result<Vec<Link>, StoreError> {
    let after = i64::try_from(after).unwrap_or(i64::MAX);
    let rows: Vec<LinkRow> = on_either!(tx, conn =>
        sqlx::query_as(
            "select seq, bytes, leaf_hash, chain_hash from audit_entries
             where log = $1 and seq > $2 order by seq limit $3",
        )
        .bind(log.name())
        .bind(after)
        .bind(limit)
        .fetch_all(conn)
        .await)?;
    rows.into_iter()
        .map(|row| {
            let seq = u64::try_from(row.seq).map_err(|_| corrupt("audit_entries", "seq", &row.seq))?;
            Ok(Link { seq, bytes: row.bytes.into_bytes(), leaf_hash: row.leaf_hash, chain_hash: row.chain_hash })
        })
        .collect()
}

/// The names of all logs, also of one whose head somebody took away.
///
/// # Errors
/// [`StoreError::Unavailable`].
pub async fn list_logs(tx: &mut Tx) -> Result<Vec<String>, StoreError> {
    let rows: Vec<(String,)> = on_either!(tx, conn =>
        sqlx::query_as("select log from audit_heads union select log from audit_entries order by log").fetch_all(conn).await)?;
    Ok(rows.into_iter().map(|row| row.0).collect())
}

/// The readable part of one entry, to be compared with what the entry binds.
#[derive(Debug, Clone, FromRow)]
pub struct ReadableRow {
    /// Its place.
    pub seq: i64,
    /// Who it is about.
    pub user_id: Option<String>,
    /// Who did it.
    pub actor_name: Option<String>,
    /// One sentence.
    pub text: String,
    /// The reason given.
    pub reason: Option<String>,
}

/// The readable parts after `after`, oldest first, at most `limit`.
///
/// # Errors
/// [`StoreError::Unavailable`].
pub async fn list_readable(tx: &mut Tx, log: Log, after: u64, limit: i64) -> Result<Vec<ReadableRow>, StoreError> {
    let after = i64::try_from(after).unwrap_or(i64::MAX);
    Ok(on_either!(tx, conn =>
        sqlx::query_as(
            "select seq, user_id, actor_name, text, reason from audit_readable
             where log = $1 and seq > $2 order by seq limit $3",
        )
        .bind(log.name())
        .bind(after)
        .bind(limit)
        .fetch_all(conn)
        .await)?)
}

/// A person's sealed commitment key.
///
/// # Errors
/// [`StoreError::Unavailable`].
pub async fn find_subject_key(tx: &mut Tx, tenant_id: TenantId, user_id: UserId) -> Result<Option<String>, StoreError> {
    let row: Option<(String,)> = on_either!(tx, conn =>
        sqlx::query_as("select sealed_key from subject_keys where tenant_id = $1 and user_id = $2")
            .bind(tenant_id.to_string())
            .bind(user_id.to_string())
            .fetch_optional(conn)
            .await)?;
    Ok(row.map(|row| row.0))
}

/// Keeps a person's sealed commitment key; the first one stays.
///
/// # Errors
/// [`StoreError::Unavailable`].
pub async fn insert_subject_key(
    tx: &mut Tx,
    tenant_id: TenantId,
    user_id: UserId,
    sealed_key: &str,
) -> Result<(), StoreError> {
    on_either!(tx, conn =>
        sqlx::query(
            "insert into subject_keys (tenant_id, user_id, sealed_key) values ($1, $2, $3)
             on conflict (tenant_id, user_id) do nothing",
        )
        .bind(tenant_id.to_string())
        .bind(user_id.to_string())
        .bind(sealed_key.to_owned())
        .execute(conn)
        .await
        .map(|_| ()))?;
    Ok(())
}
