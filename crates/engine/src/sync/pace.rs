//! How fast requests for sign-in dates may follow each other (performance, "Limits"): so many in any
//! minute, counted one by one, because the algorithm on the other side is not documented.

use std::collections::VecDeque;
use std::sync::{Mutex, MutexGuard, PoisonError};

use reseat_domain::time::Timestamp;

const SECOND: i64 = 1_000_000;

/// Up to this many a minute are spread over a minute; more of them, over a second.
const SPREAD_OVER_A_MINUTE: u32 = 60;

/// The requests of the last while.
#[derive(Debug)]
pub(crate) struct Pace {
    most: usize,
    window: i64,
    sent: Mutex<VecDeque<i64>>,
}

impl Pace {
    /// So many requests in a minute, and at least one.
    pub fn new(per_minute: u32) -> Self {
        let (most, window) = if per_minute <= SPREAD_OVER_A_MINUTE {
            (per_minute.max(1), 60 * SECOND)
        } else {
            (per_minute / 60, SECOND)
        };
        Self { most: usize::try_from(most).unwrap_or(usize::MAX), window, sent: Mutex::default() }
    }

    /// Counts a request that goes out now, whether it was waited for or not.
    pub fn note(&self, now: Timestamp) {
        self.recent(now).push_back(now.as_micros());
    }

    /// Until when the next request has to wait; `None` when it may go out now.
    pub fn wait_until(&self, now: Timestamp) -> Option<Timestamp> {
        let sent = self.recent(now);
        let last_to_leave = sent.len().checked_sub(self.most)?;
        Some(Timestamp::from_micros(sent[last_to_leave] + self.window))
    }

    /// The requests that still count, for keeping.
    pub fn to_keep(&self, now: Timestamp) -> Vec<i64> {
        self.recent(now).iter().copied().collect()
    }

    /// Counts requests that an earlier process sent; one that is counted already is not counted again.
    pub fn restore(&self, kept: &[i64], now: Timestamp) {
        let mut sent = self.recent(now);
        let unknown: Vec<i64> = kept.iter().copied().filter(|at| !sent.contains(at)).collect();
        sent.extend(unknown);
        sent.make_contiguous().sort_unstable();
        drop(sent);
        // What is too old, or of a clock that ran ahead, is forgotten.
        drop(self.recent(now));
    }

    fn recent(&self, now: Timestamp) -> MutexGuard<'_, VecDeque<i64>> {
        let mut sent = self.sent.lock().unwrap_or_else(PoisonError::into_inner);
        let now = now.as_micros();
        sent.retain(|at| *at <= now && now - at < self.window);
        sent
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(seconds: i64) -> Timestamp {
        Timestamp::from_micros(seconds * SECOND)
    }

    #[test]
    fn no_minute_has_more_requests_than_permitted_and_none_is_given_away() {
        let pace = Pace::new(10);
        let mut sent = Vec::new();
        for second in 0..600 {
            while pace.wait_until(at(second)).is_none() {
                pace.note(at(second));
                sent.push(second);
            }
        }
        assert_eq!(sent.len(), 100);
        for begin in 0..600 {
            let within = sent.iter().filter(|second| (begin..begin + 60).contains(*second)).count();
            assert!(within <= 10, "{within} from second {begin} on");
        }
    }

    #[test]
    fn a_restart_does_not_forget_what_was_sent() {
        let pace = Pace::new(2);
        pace.note(at(0));
        pace.note(at(10));
        let kept = pace.to_keep(at(20));
        let after = Pace::new(2);
        after.restore(&kept, at(20));
        after.restore(&kept, at(20));
        assert_eq!(after.wait_until(at(20)), Some(at(60)));
        assert_eq!(after.wait_until(at(60)), None);
    }

    #[test]
    fn a_clock_that_jumps_back_does_not_stop_the_lane() {
        let pace = Pace::new(1);
        pace.note(at(10_000));
        assert_eq!(pace.wait_until(at(50)), None, "D13");
        let quick = Pace::new(6_000);
        for _ in 0..100 {
            assert_eq!(quick.wait_until(at(0)), None);
            quick.note(at(0));
        }
        assert_eq!(quick.wait_until(at(0)), Some(at(1)));
    }
}
