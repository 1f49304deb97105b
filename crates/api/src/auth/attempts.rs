//! Slows down guessing: after a few failures for a name, the next attempt has to wait. The wait is
//! bounded, so that nobody can lock somebody else out for good.

use std::collections::HashMap;
use std::sync::Mutex;

use reseat_domain::time::Timestamp;

/// Failures that cost nothing: typing errors.
const FREE: u32 = 3;
/// The longest wait.
const LONGEST_SECONDS: i64 = 60;
/// After how long without a failure a name starts anew.
const FORGOTTEN_AFTER_SECONDS: i64 = 3_600;
/// How many names are remembered; beyond it the oldest is forgotten.
const NAMES: usize = 10_000;

#[derive(Debug, Clone, Copy)]
struct Failures {
    count: u32,
    last: Timestamp,
}

impl Failures {
    fn wait_until(self) -> Timestamp {
        if self.count < FREE {
            return self.last;
        }
        let doublings = (self.count - FREE).min(6);
        self.last.plus_seconds((1_i64 << doublings).min(LONGEST_SECONDS))
    }
}

/// Failed attempts by name.
#[derive(Debug, Default)]
pub struct Attempts(Mutex<HashMap<String, Failures>>);

impl Attempts {
    /// How many seconds the next attempt for a name has to wait, if any.
    pub fn wait_seconds(&self, name: &str, now: Timestamp) -> Option<i64> {
        let names = self.0.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        let failures = names.get(&key(name))?;
        let until = failures.wait_until();
        (until > now).then(|| until.seconds_since(now).max(1))
    }

    /// Records a failure.
    pub fn failed(&self, name: &str, now: Timestamp) {
        let mut names = self.0.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        names.retain(|_, failures| now.seconds_since(failures.last) < FORGOTTEN_AFTER_SECONDS);
        if names.len() >= NAMES
            && let Some(oldest) = names.iter().min_by_key(|(_, failures)| failures.last).map(|(name, _)| name.clone())
        {
            names.remove(&oldest);
        }
        let failures = names.entry(key(name)).or_insert(Failures { count: 0, last: now });
        failures.count = failures.count.saturating_add(1);
        failures.last = now;
    }

    /// Forgets a name's failures.
    pub fn succeeded(&self, name: &str) {
        self.0.lock().unwrap_or_else(std::sync::PoisonError::into_inner).remove(&key(name));
    }
}

/// Names are compared whatever their case, and shortened so that a long one takes no memory.
fn key(name: &str) -> String {
    name.trim().to_lowercase().chars().take(80).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_few_failures_are_free_and_then_each_costs_twice_as_much_up_to_a_minute() {
        let attempts = Attempts::default();
        let mut now = Timestamp::from_micros(0);
        let mut waits = Vec::new();
        for _ in 0..11 {
            attempts.failed("Ada", now);
            let wait = attempts.wait_seconds(" ada", now).unwrap_or(0);
            waits.push(wait);
            now = now.plus_seconds(wait);
        }
        assert_eq!(waits, [0, 0, 1, 2, 4, 8, 16, 32, 60, 60, 60]);
        assert_eq!(attempts.wait_seconds("grace", now), None, "another name does not wait");
        attempts.succeeded("ADA");
        assert_eq!(attempts.wait_seconds("ada", now), None);
    }
}
