//! The one clock everything reads, and the stopwatch for leases.

use std::sync::Mutex;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use reseat_domain::time::Timestamp;

/// What time it is.
pub trait Clock: Send + Sync {
    /// Now, in UTC.
    fn now(&self) -> Timestamp;
}

/// The machine's clock: the only one `reseat serve` has.
#[derive(Debug, Clone, Copy, Default)]
pub struct SystemClock;

impl Clock for SystemClock {
    fn now(&self) -> Timestamp {
        let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        Timestamp::from_micros(i64::try_from(since.as_micros()).unwrap_or(i64::MAX))
    }
}

/// A clock set from outside and running on by itself: the demo follows its simulated tenant.
#[derive(Debug)]
pub struct FollowedClock {
    reading: Mutex<(Timestamp, f64, Instant)>,
}

impl FollowedClock {
    /// Starts at `now`, running at the machine's pace.
    pub fn new(now: Timestamp) -> Self {
        Self { reading: Mutex::new((now, 1.0, Instant::now())) }
    }

    /// Takes a new reading of the clock that is followed. Never goes back: a moment that was seen
    /// stays in the past.
    pub fn set(&self, now: Timestamp, rate: f64) {
        let seen = self.now();
        let mut reading = self.reading.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        *reading = (now.max(seen), rate, Instant::now());
    }
}

impl Clock for FollowedClock {
    fn now(&self) -> Timestamp {
        let reading = self.reading.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        let (at, rate, since) = *reading;
        let elapsed = since.elapsed().as_secs_f64() * rate;
        #[expect(clippy::cast_possible_truncation, reason = "microseconds since a reading a moment ago")]
        Timestamp::from_micros(at.as_micros().saturating_add((elapsed * 1_000_000.0) as i64))
    }
}

/// A clock that stands still until it is moved; tests hold it.
#[derive(Debug)]
pub struct FixedClock(AtomicI64);

impl FixedClock {
    /// Stands at `now`.
    pub const fn new(now: Timestamp) -> Self {
        Self(AtomicI64::new(now.as_micros()))
    }

    /// Moves on.
    pub fn advance_seconds(&self, seconds: i64) {
        self.0.fetch_add(seconds * 1_000_000, Ordering::SeqCst);
    }

    /// Moves to a moment.
    pub fn set(&self, now: Timestamp) {
        self.0.store(now.as_micros(), Ordering::SeqCst);
    }
}

impl Clock for FixedClock {
    fn now(&self) -> Timestamp {
        Timestamp::from_micros(self.0.load(Ordering::SeqCst))
    }
}

/// Measures how long a lease is held, whatever the clocks on the wall do (D12, D13).
#[derive(Debug, Clone, Copy)]
pub struct Stopwatch(Instant);

impl Stopwatch {
    /// Starts.
    pub fn start() -> Self {
        Self(Instant::now())
    }

    /// Time since the start.
    pub fn elapsed(&self) -> Duration {
        self.0.elapsed()
    }
}
