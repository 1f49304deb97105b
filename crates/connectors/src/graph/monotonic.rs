//! The clock that only runs forward, for waiting and for the age of tokens: what a token says of its
//! own life is a length, and the clock on the wall may jump (D13).

use std::time::{Duration, Instant};

/// A moment of this process.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Moment(Instant);

impl Moment {
    /// Now.
    pub(super) fn now() -> Self {
        Self(Instant::now())
    }

    /// This moment and a length later. A length beyond what the clock can hold counts as a year.
    pub(super) fn plus(self, length: Duration) -> Self {
        const YEAR: Duration = Duration::from_secs(365 * 86_400);
        Self(self.0.checked_add(length).unwrap_or_else(|| self.0 + YEAR))
    }

    /// How long it is until this moment; nothing once it has passed.
    pub(super) fn left(self) -> Duration {
        self.0.saturating_duration_since(Instant::now())
    }
}
