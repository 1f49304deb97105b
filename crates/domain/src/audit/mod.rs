//! The trail: what an entry is, how it is hashed, and how a log is checked. The format is final;
//! `docs/adr/0004-trail-entry-format.md` describes it for other people's verifiers.

mod chain;
mod entry;

pub use chain::{Broken, ChainHash, Link, Verifier};
pub use entry::{Actor, Commitment, Draft, Entry, Object, Readable, SubjectKey, canonical_json};
