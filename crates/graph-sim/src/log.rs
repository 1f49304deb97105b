//! The log of requests: what clients asked, for whoever measures or checks them.

use serde::Serialize;
use std::collections::VecDeque;

/// Requests kept.
const KEPT: usize = 50_000;

/// One request.
#[derive(Clone, Debug, Serialize)]
pub struct Entry {
    pub seq: u64,
    /// The simulated moment.
    pub at: String,
    /// The machine's clock.
    pub wall_ms: i64,
    pub method: String,
    /// The path without version, ids replaced.
    pub path: String,
    /// Names of the query options.
    pub query: Vec<String>,
    pub app_id: Option<String>,
    pub status: u16,
    /// Resource units charged.
    pub units: u32,
    pub bytes: usize,
    pub in_batch: bool,
    pub request_id: String,
}

/// The latest requests.
#[derive(Debug, Default)]
pub struct Log {
    entries: VecDeque<Entry>,
    seq: u64,
}

impl Log {
    /// Appends a request; the oldest is forgotten when there are too many.
    pub fn push(&mut self, mut entry: Entry) {
        self.seq += 1;
        entry.seq = self.seq;
        if self.entries.len() == KEPT {
            self.entries.pop_front();
        }
        self.entries.push_back(entry);
    }

    /// Requests after `seq`, the number of the latest, and how many after `seq` were forgotten.
    pub fn after(&self, seq: u64) -> (Vec<&Entry>, u64, u64) {
        let first = self.entries.front().map_or(self.seq + 1, |entry| entry.seq);
        let lost = first.saturating_sub(seq + 1);
        (self.entries.iter().filter(|entry| entry.seq > seq).collect(), self.seq, lost)
    }
}
