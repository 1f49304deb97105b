//! One entry of the trail.
//!
//! The hashed part names nobody: people stand in it only as keyed commitments. Names, object ids
//! and free text are the readable part, which lives beside it and is bound to it by a keyed hash.
//! Deleting a person's key and readable parts erases them, and the chain still verifies.

use std::fmt;

use hmac::{Hmac, KeyInit, Mac};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use sha2::{Digest, Sha256};

use crate::plan::hex;
use crate::time::Timestamp;

/// Writes JSON in the one form that is hashed: keys sorted by their UTF-8 bytes, no white space,
/// strings with the shortest escapes, whole numbers only.
pub fn canonical_json(value: &Value) -> Vec<u8> {
    let mut out = Vec::new();
    write_canonical(value, &mut out);
    out
}

fn write_canonical(value: &Value, out: &mut Vec<u8>) {
    match value {
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {
            out.extend_from_slice(value.to_string().as_bytes());
        }
        Value::Array(items) => {
            out.push(b'[');
            for (at, item) in items.iter().enumerate() {
                if at > 0 {
                    out.push(b',');
                }
                write_canonical(item, out);
            }
            out.push(b']');
        }
        Value::Object(map) => {
            let mut keys: Vec<&String> = map.keys().collect();
            keys.sort();
            out.push(b'{');
            for (at, key) in keys.into_iter().enumerate() {
                if at > 0 {
                    out.push(b',');
                }
                out.extend_from_slice(Value::from(key.as_str()).to_string().as_bytes());
                out.push(b':');
                write_canonical(&map[key], out);
            }
            out.push(b'}');
        }
    }
}

/// The secret behind one person's commitments. Erasing it erases the person from the trail.
#[derive(Clone, PartialEq, Eq)]
pub struct SubjectKey([u8; 32]);

impl SubjectKey {
    /// Wraps 32 random bytes.
    pub const fn new(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }

    /// The bytes, for sealing.
    pub const fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }

    /// A keyed commitment to `data`: says nothing without the key.
    pub fn commit(&self, data: &[u8]) -> Commitment {
        let mut mac = Hmac::<Sha256>::new_from_slice(&self.0).expect("HMAC takes keys of any length");
        mac.update(data);
        Commitment(hex(&mac.finalize().into_bytes()))
    }
}

impl fmt::Debug for SubjectKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SubjectKey(hidden)")
    }
}

/// A keyed hash standing for something that must not be readable in the trail.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Commitment(String);

impl Commitment {
    /// Lower-case hexadecimal.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// Who did it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Actor {
    /// `account`, `token` or `system`.
    pub kind: String,
    /// The account's own random id, or the stage's name; never a name or an address.
    pub id: String,
}

/// What it was done to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Object {
    /// `candidate`, `plan`, `rule`, `account`, …
    pub kind: String,
    /// Its id in Reseat; never a person's id.
    pub id: String,
}

/// What people read beside an entry. Bound to the entry by a keyed hash, erasable without it.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Readable {
    /// The actor's shown name.
    pub actor_name: Option<String>,
    /// The Entra object id of the person it is about.
    pub user_id: Option<String>,
    /// One sentence.
    pub text: String,
    /// The reason a person gave.
    pub reason: Option<String>,
}

/// An entry before it has a place in its log.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Draft {
    /// When.
    pub at: Timestamp,
    /// Who.
    pub actor: Actor,
    /// What was done, such as `candidate.take_back`.
    pub verb: String,
    /// To what.
    pub object: Object,
    /// The state before.
    pub from: Option<String>,
    /// The state after.
    pub to: Option<String>,
    /// Further facts that name nobody: rule version, counts, hashes, request ids.
    pub details: Value,
    /// What people read.
    pub readable: Readable,
}

/// An entry with its place: the hashed part only.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Entry {
    /// Version of the format.
    pub v: u32,
    /// Which log: a tenant id, or `installation`.
    pub log: String,
    /// Counts from 1 without gaps.
    pub seq: u64,
    /// When.
    pub at: Timestamp,
    /// Who.
    pub actor: Actor,
    /// What was done.
    pub verb: String,
    /// To what.
    pub object: Object,
    /// Who it is about, as a commitment.
    pub subject: Option<Commitment>,
    /// The state before.
    pub from: Option<String>,
    /// The state after.
    pub to: Option<String>,
    /// Further facts that name nobody.
    pub details: Value,
    /// Binds the readable part.
    pub readable: Commitment,
    /// The chain hash of the entry before; 64 zeros for the first.
    pub prev: String,
}

impl Entry {
    /// Gives a draft its place. `key` is the subject's key, or the log's own where no person is
    /// concerned.
    pub fn place(draft: &Draft, log: &str, seq: u64, prev: &str, key: &SubjectKey) -> Self {
        Self {
            v: 1,
            log: log.to_owned(),
            seq,
            at: draft.at,
            actor: draft.actor.clone(),
            verb: draft.verb.clone(),
            object: draft.object.clone(),
            subject: draft.readable.user_id.as_deref().map(|id| key.commit(id.as_bytes())),
            from: draft.from.clone(),
            to: draft.to.clone(),
            details: draft.details.clone(),
            readable: Self::bind(&draft.readable, key),
            prev: prev.to_owned(),
        }
    }

    /// The keyed hash that binds a readable part.
    pub fn bind(readable: &Readable, key: &SubjectKey) -> Commitment {
        let value = serde_json::to_value(readable).expect("a readable part is plain strings");
        key.commit(&canonical_json(&value))
    }

    /// The canonical bytes.
    pub fn to_bytes(&self) -> Vec<u8> {
        canonical_json(&serde_json::to_value(self).expect("an entry is plain JSON"))
    }

    /// The leaf hash of RFC 6962: SHA-256 over a zero byte and the canonical bytes.
    pub fn leaf_hash(bytes: &[u8]) -> [u8; 32] {
        let mut hasher = Sha256::new();
        hasher.update([0x00]);
        hasher.update(bytes);
        hasher.finalize().into()
    }
}
