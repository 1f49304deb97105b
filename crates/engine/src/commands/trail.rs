//! The check of the whole trail, page by page: every entry in its place, every chain whole, every
//! readable part the one its entry binds.

use std::collections::HashMap;

use reseat_domain::audit::{Broken, Entry, Readable, SubjectKey, Verifier};
use reseat_domain::ids::{TenantId, UserId};
use reseat_store::trail::{self, Log, ReadableRow};
use reseat_store::{Store, Tx};

use crate::engine::log_place;
use crate::error::EngineError;
use crate::sealing::{Place, Sealer};

const PAGE: i64 = 500;

/// One log, checked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LogReport {
    /// Its name: a tenant id, or `installation`.
    pub log: String,
    /// Entries that hold.
    pub entries: u64,
    /// The chain hash after the last one.
    pub head: String,
}

/// What the check found.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct TrailReport {
    /// Every log up to the first break.
    pub logs: Vec<LogReport>,
    /// The first entry that does not hold.
    pub broken: Option<Broken>,
}

/// Checks every log. With a `sealer` whose keys open, readable parts are compared with what their
/// entries bind; without one only the chains are looked at.
///
/// # Errors
/// [`EngineError::Store`]; a trail that does not hold is no error but the answer.
pub async fn verify_trail(store: &Store, sealer: Option<&Sealer>) -> Result<TrailReport, EngineError> {
    let mut report = TrailReport::default();
    // One picture for all pages: entries appended meanwhile belong to the next check.
    let mut tx = store.read().await?;
    for name in trail::list_logs(&mut tx).await? {
        let checked = check_log(&mut tx, &name, sealer).await?;
        match checked {
            Ok(log) => report.logs.push(log),
            Err(broken) => {
                report.broken = Some(broken);
                break;
            }
        }
    }
    Ok(report)
}

async fn check_log(tx: &mut Tx, name: &str, sealer: Option<&Sealer>) -> Result<Result<LogReport, Broken>, EngineError> {
    let broken = |seq, why: &str| Broken { log: name.to_owned(), seq, why: why.to_owned() };
    let log = match name {
        "installation" => Log::Installation,
        other => match other.parse::<TenantId>() {
            Ok(tenant_id) => Log::Tenant(tenant_id),
            Err(_) => return Ok(Err(broken(1, "there is no such log"))),
        },
    };
    let Some(head) = trail::find_head(tx, log).await? else {
        return Ok(Err(broken(1, "the head of this log is gone")));
    };
    let mut keys = Keys { log, name, sealer, sealed_log_key: head.sealed_key, opened: HashMap::new() };
    let mut verifier = Verifier::new(name);
    loop {
        let after = verifier.checked();
        let links = trail::list_links(tx, log, after, PAGE).await?;
        if links.is_empty() {
            break;
        }
        let readable: HashMap<i64, ReadableRow> =
            trail::list_readable(tx, log, after, PAGE).await?.into_iter().map(|row| (row.seq, row)).collect();
        for link in &links {
            let entry = match verifier.check(link) {
                Ok(entry) => entry,
                Err(broken) => return Ok(Err(broken)),
            };
            let row = i64::try_from(link.seq).ok().and_then(|seq| readable.get(&seq));
            if let Some(row) = row
                && !keys.binds(tx, &entry, row).await?
            {
                return Ok(Err(broken(link.seq, "what people read beside it is not what was written")));
            }
        }
    }
    let seq = u64::try_from(head.seq).unwrap_or(0);
    if let Err(broken) = verifier.finish(seq, &head.chain_hash) {
        return Ok(Err(broken));
    }
    Ok(Ok(LogReport { log: name.to_owned(), entries: verifier.checked(), head: verifier.head().to_string() }))
}

/// The commitment keys of one log, opened once each.
struct Keys<'a> {
    log: Log,
    name: &'a str,
    sealer: Option<&'a Sealer>,
    sealed_log_key: String,
    opened: HashMap<Option<String>, Option<SubjectKey>>,
}

impl Keys<'_> {
    /// Whether an entry binds this readable part. Without the key nobody can tell, and a person's
    /// key that was erased on purpose breaks nothing.
    async fn binds(&mut self, tx: &mut Tx, entry: &Entry, row: &ReadableRow) -> Result<bool, EngineError> {
        let Some(sealer) = self.sealer else { return Ok(true) };
        if !self.opened.contains_key(&row.user_id) {
            let key = self.open(tx, sealer, row.user_id.as_deref()).await?;
            self.opened.insert(row.user_id.clone(), key);
        }
        let Some(Some(key)) = self.opened.get(&row.user_id) else { return Ok(true) };
        let readable = Readable {
            actor_name: row.actor_name.clone(),
            user_id: row.user_id.clone(),
            text: row.text.clone(),
            reason: row.reason.clone(),
        };
        let subject = row.user_id.as_deref().map(|id| key.commit(id.as_bytes()));
        Ok(entry.readable == Entry::bind(&readable, key) && entry.subject == subject)
    }

    async fn open(
        &self,
        tx: &mut Tx,
        sealer: &Sealer,
        user_id: Option<&str>,
    ) -> Result<Option<SubjectKey>, EngineError> {
        let sealed = match (self.log, user_id) {
            (Log::Tenant(tenant_id), Some(user)) => {
                // A readable part that names no person of ours was changed; the log's own key tells.
                let Ok(user_id) = user.parse::<UserId>() else { return self.log_key(sealer) };
                let Some(sealed) = trail::find_subject_key(tx, tenant_id, user_id).await? else { return Ok(None) };
                let place = Place { tenant: self.name, table: "subject_keys", column: "sealed_key", row: user };
                sealer.open(&place, &sealed)?
            }
            (Log::Tenant(_) | Log::Installation, _) => return self.log_key(sealer),
        };
        Ok(key_of(sealed))
    }

    fn log_key(&self, sealer: &Sealer) -> Result<Option<SubjectKey>, EngineError> {
        Ok(key_of(sealer.open(&log_place(self.name), &self.sealed_log_key)?))
    }
}

fn key_of(bytes: Vec<u8>) -> Option<SubjectKey> {
    <[u8; 32]>::try_from(bytes).ok().map(SubjectKey::new)
}
