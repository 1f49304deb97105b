//! What was worked out and may be asked again while nothing changes: pages, counts and orders of people.

use std::collections::HashMap;
use std::sync::Arc;

/// Bytes of pages kept at most.
const MOST: usize = 256 << 20;
const MOST_ORDERS: usize = 4;

/// Everything kept for one version of the world.
#[derive(Debug, Default)]
pub struct Cache {
    version: u64,
    bytes: usize,
    pages: HashMap<String, Arc<Vec<u8>>>,
    counts: HashMap<String, u64>,
    orders: HashMap<String, Arc<Vec<u64>>>,
}

impl Cache {
    /// The cache of this version of the world; an older one is emptied first.
    pub fn at(&mut self, version: u64) -> &mut Self {
        if self.version != version {
            *self = Self { version, ..Self::default() };
        }
        self
    }

    pub fn page(&self, key: &str) -> Option<Arc<Vec<u8>>> {
        self.pages.get(key).cloned()
    }

    /// Keeps a page while there is room.
    pub fn keep_page(&mut self, key: String, page: &[u8]) {
        if self.bytes + page.len() <= MOST {
            self.bytes += page.len();
            self.pages.insert(key, Arc::new(page.to_vec()));
        }
    }

    pub fn count(&self, key: &str) -> Option<u64> {
        self.counts.get(key).copied()
    }

    pub fn keep_count(&mut self, key: String, count: u64) {
        self.counts.insert(key, count);
    }

    pub fn order(&self, key: &str) -> Option<Arc<Vec<u64>>> {
        self.orders.get(key).cloned()
    }

    /// Keeps an order; a few are enough.
    pub fn keep_order(&mut self, key: String, order: Arc<Vec<u64>>) {
        if self.orders.len() >= MOST_ORDERS {
            self.orders.clear();
        }
        self.orders.insert(key, order);
    }
}
