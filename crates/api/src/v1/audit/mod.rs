//! The trail: everything that happened, chained so that a change shows.

use reseat_store::read::audit;
use serde::Serialize;
use utoipa::ToSchema;

use crate::scalar::Moment;

pub mod list;
pub mod read;
pub mod verify;

/// An entry of the trail.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct AuditItem {
    /// Which log: the tenant's id, or `installation`.
    pub log: String,
    /// Counts from 1 without gaps.
    pub seq: u64,
    /// When.
    pub at: Moment,
    /// What was done, such as `candidate.take_back`.
    pub verb: String,
    /// One sentence; empty when the readable part was erased.
    pub text: String,
    /// Who.
    pub actor: AuditActor,
    /// To what.
    pub object: AuditObject,
    /// Who it is about, if somebody.
    pub person: Option<AuditPerson>,
    /// The state before.
    pub from: Option<String>,
    /// The state after.
    pub to: Option<String>,
    /// The reason a person gave.
    pub reason: Option<String>,
}

/// Who did it.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct AuditActor {
    /// `account`, `token` or `system`.
    pub kind: String,
    /// The account's id, or the stage's name.
    pub id: String,
    /// Shown name.
    pub name: Option<String>,
}

/// What it was done to.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct AuditObject {
    /// `candidate`, `plan`, `rule`, `account` and so on.
    pub kind: String,
    /// Its id.
    pub id: String,
}

/// Who it is about.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct AuditPerson {
    /// Entra object id.
    pub user_id: String,
}

/// Entries, newest first.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct AuditList {
    /// This page.
    pub items: Vec<AuditItem>,
    /// Where the next page begins; null on the last one.
    pub next_cursor: Option<String>,
}

/// An entry with everything its hash covers.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct AuditDetail {
    /// As in the list.
    #[serde(flatten)]
    pub item: AuditItem,
    /// Further facts that name nobody.
    #[schema(value_type = Object)]
    pub details: serde_json::Value,
    /// Hash of the entry's canonical bytes, as in RFC 6962.
    pub leaf_hash: String,
    /// Hash over the chain up to and with this entry.
    pub chain_hash: String,
    /// The chain hash of the entry before.
    pub prev: String,
}

impl From<audit::AuditItem> for AuditItem {
    fn from(item: audit::AuditItem) -> Self {
        // Erased words leave the entry itself as it is.
        let readable = item.readable.unwrap_or_default();
        let entry = item.entry;
        Self {
            log: entry.log,
            seq: entry.seq,
            at: entry.at.into(),
            verb: entry.verb,
            text: readable.text,
            actor: AuditActor { kind: entry.actor.kind, id: entry.actor.id, name: readable.actor_name },
            object: AuditObject { kind: entry.object.kind, id: entry.object.id },
            person: readable.user_id.map(|user_id| AuditPerson { user_id }),
            from: entry.from,
            to: entry.to,
            reason: readable.reason,
        }
    }
}

impl From<audit::AuditItem> for AuditDetail {
    fn from(item: audit::AuditItem) -> Self {
        Self {
            details: item.entry.details.clone(),
            leaf_hash: item.leaf_hash.clone(),
            chain_hash: item.chain_hash.clone(),
            prev: item.entry.prev.clone(),
            item: item.into(),
        }
    }
}
