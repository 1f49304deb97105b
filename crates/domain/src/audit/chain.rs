//! The chain over the entries, and its check.

use std::fmt;

use sha2::{Digest, Sha256};

use crate::audit::entry::{Entry, canonical_json};
use crate::plan::hex;

/// The running hash: SHA-256 over the byte 1, the previous chain hash and the leaf hash.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ChainHash([u8; 32]);

impl ChainHash {
    /// What the first entry links to.
    pub const GENESIS: Self = Self([0; 32]);

    /// From the stored head of a log.
    pub const fn from_bytes(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }

    /// The hash after one more leaf.
    #[must_use]
    pub fn after(self, leaf: &[u8; 32]) -> Self {
        let mut hasher = Sha256::new();
        hasher.update([0x01]);
        hasher.update(self.0);
        hasher.update(leaf);
        Self(hasher.finalize().into())
    }
}

impl fmt::Display for ChainHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&hex(&self.0))
    }
}

/// One stored row of a log: the canonical bytes and the two hashes beside them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Link {
    /// The place the row claims.
    pub seq: u64,
    /// The canonical bytes, as stored.
    pub bytes: Vec<u8>,
    /// The stored leaf hash, hexadecimal.
    pub leaf_hash: String,
    /// The stored chain hash, hexadecimal.
    pub chain_hash: String,
}

/// The first entry that does not hold, and why.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("entry {seq} of log {log}: {why}")]
pub struct Broken {
    /// Which log.
    pub log: String,
    /// Which entry.
    pub seq: u64,
    /// What is wrong.
    pub why: String,
}

/// Checks a log entry by entry, in constant memory.
#[derive(Debug, Clone)]
pub struct Verifier {
    log: String,
    next: u64,
    head: ChainHash,
}

impl Verifier {
    /// Begins at the first entry of `log`.
    pub fn new(log: impl Into<String>) -> Self {
        Self { log: log.into(), next: 1, head: ChainHash::GENESIS }
    }

    /// Checks the next row and gives its entry.
    ///
    /// # Errors
    /// [`Broken`] names the entry.
    pub fn check(&mut self, link: &Link) -> Result<Entry, Broken> {
        let seq = self.next;
        let broken = |why: String| Broken { log: self.log.clone(), seq, why };
        if link.seq != seq {
            return Err(broken(format!(
                "expected number {seq}, found {}; an entry is missing or out of order",
                link.seq
            )));
        }
        let value: serde_json::Value =
            serde_json::from_slice(&link.bytes).map_err(|_| broken("its content is not JSON".to_owned()))?;
        if canonical_json(&value) != link.bytes {
            return Err(broken("its content is not in canonical form".to_owned()));
        }
        let entry: Entry =
            serde_json::from_value(value).map_err(|error| broken(format!("its content is not an entry: {error}")))?;
        if entry.to_bytes() != link.bytes {
            return Err(broken("its content has more or other fields than an entry".to_owned()));
        }
        let leaf = Entry::leaf_hash(&link.bytes);
        if hex(&leaf) != link.leaf_hash {
            return Err(broken("its content does not match its leaf hash".to_owned()));
        }
        if entry.v != 1 {
            return Err(broken(format!("format version {} is not known", entry.v)));
        }
        if entry.log != self.log || entry.seq != seq {
            return Err(broken("it belongs to another place or another log".to_owned()));
        }
        if entry.prev != self.head.to_string() {
            return Err(broken("it does not link to the entry before".to_owned()));
        }
        let head = self.head.after(&leaf);
        if head.to_string() != link.chain_hash {
            return Err(broken("its chain hash does not match".to_owned()));
        }
        self.head = head;
        self.next += 1;
        Ok(entry)
    }

    /// Compares what was checked with the head that is kept apart from the entries, so that a cut
    /// tail is found.
    ///
    /// # Errors
    /// [`Broken`] names the first entry that should be there.
    pub fn finish(&self, head_seq: u64, head_hash: &str) -> Result<(), Broken> {
        let checked = self.next - 1;
        if checked != head_seq || self.head.to_string() != head_hash {
            let seq = checked.min(head_seq) + u64::from(checked != head_seq);
            let why =
                format!("the log ends at entry {checked}, and its head says {head_seq}; entries were cut off or added");
            return Err(Broken { log: self.log.clone(), seq, why });
        }
        Ok(())
    }

    /// How many entries held so far.
    pub const fn checked(&self) -> u64 {
        self.next - 1
    }

    /// The chain hash so far.
    pub const fn head(&self) -> ChainHash {
        self.head
    }
}

#[cfg(test)]
#[path = "tests.rs"]
mod tests;
