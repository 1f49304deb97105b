//! The trail as people read it: the entry, and the erasable words beside it.

use reseat_domain::audit::{Entry, Readable};
use serde::{Deserialize, Serialize};
use sqlx::FromRow;

use super::Page;
use super::query::Query;
use crate::error::{StoreError, corrupt, parse_json};
use crate::pool::Tx;
use crate::trail::Log;

/// An entry with its words.
#[derive(Debug, Clone)]
pub struct AuditItem {
    /// The hashed part.
    pub entry: Entry,
    /// What people read; none once it was erased.
    pub readable: Option<Readable>,
    /// Hash of the entry's bytes.
    pub leaf_hash: String,
    /// The chain hash after it.
    pub chain_hash: String,
}

/// Which entries of a log.
#[derive(Debug, Clone, Default)]
pub struct AuditFilter {
    /// About things of one kind.
    pub object_kind: Option<String>,
    /// About one thing.
    pub object_id: Option<String>,
    /// About one person.
    pub user_id: Option<String>,
}

/// The place of an entry in the list.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AuditCursor {
    seq: i64,
}

#[derive(FromRow)]
struct Row {
    seq: i64,
    bytes: String,
    leaf_hash: String,
    chain_hash: String,
    user_id: Option<String>,
    actor_name: Option<String>,
    readable_text: Option<String>,
    reason: Option<String>,
}

impl Row {
    fn into_item(self) -> Result<AuditItem, StoreError> {
        let entry: Entry = parse_json("audit_entries", "bytes", &self.bytes)?;
        if i64::try_from(entry.seq) != Ok(self.seq) {
            return Err(corrupt("audit_entries", "seq", &self.seq));
        }
        let readable = self.readable_text.map(|text| Readable {
            actor_name: self.actor_name,
            user_id: self.user_id,
            text,
            reason: self.reason,
        });
        Ok(AuditItem { entry, readable, leaf_hash: self.leaf_hash, chain_hash: self.chain_hash })
    }
}

fn select(log: Log) -> Query {
    let mut query = Query::new(
        "select e.seq, e.bytes, e.leaf_hash, e.chain_hash, r.user_id, r.actor_name, r.text as readable_text, r.reason
         from audit_entries e left join audit_readable r on r.log = e.log and r.seq = e.seq",
    );
    query.push(" where e.log = ?", [log.name().into()]);
    query
}

/// A page of a log, the newest entry first.
///
/// # Errors
/// [`StoreError::Corrupt`].
pub async fn list_entries(
    tx: &mut Tx,
    log: Log,
    filter: &AuditFilter,
    after: Option<&AuditCursor>,
    limit: i64,
) -> Result<Page<AuditItem, AuditCursor>, StoreError> {
    let mut query = select(log);
    query
        .filter("e.object_kind = ?", filter.object_kind.clone())
        .filter("e.object_id = ?", filter.object_id.clone())
        .filter("r.user_id = ?", filter.user_id.clone())
        .filter("e.seq < ?", after.map(|after| after.seq));
    query.push(" order by e.seq desc limit ?", [(limit + 1).into()]);
    let rows: Vec<Row> = query.fetch(tx).await?;
    Page::cut(rows, limit, |row| Ok(AuditCursor { seq: row.seq }), Row::into_item)
}

/// One entry.
///
/// # Errors
/// [`StoreError::Corrupt`].
pub async fn find_entry(tx: &mut Tx, log: Log, seq: i64) -> Result<Option<AuditItem>, StoreError> {
    let mut query = select(log);
    query.filter("e.seq = ?", Some(seq));
    query.fetch_one::<Row>(tx).await?.map(Row::into_item).transpose()
}
