//! How often and how long a reading is tried again, and how long each wait is. Writes have none of
//! this.

use std::time::Duration;

use crate::error::ConnectorError;

use super::monotonic::Moment;

/// The longest wait between two tries where nobody said how long (G2).
const LONGEST_WAIT: Duration = Duration::from_secs(300);

/// How patient a reading is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Patience {
    /// How many tries at most.
    pub tries: u32,
    /// What the first wait is at most, where nobody said how long; the next ones double it.
    pub first_wait: Duration,
    /// How long all tries and waits may take together.
    pub total: Duration,
}

impl Patience {
    /// For listings and reports. Shorter than the lease of the task that reads.
    pub const SWEEP: Self = Self { tries: 6, first_wait: Duration::from_secs(1), total: Duration::from_secs(50) };

    /// For one person, read while a write waits for the answer.
    pub const SINGLE: Self = Self { tries: 4, first_wait: Duration::from_millis(500), total: Duration::from_secs(20) };

    /// For the sign-in service.
    pub(super) const TOKEN: Self = Self::SINGLE;
}

/// A try that failed in a way the next one may not.
#[derive(Debug)]
pub(super) struct Passing {
    /// What it becomes when patience runs out.
    pub error: ConnectorError,
    /// How long the other side asked to wait.
    pub retry_after: Option<Duration>,
    /// Tries at most for this kind of failure.
    pub tries: u32,
}

impl Passing {
    pub(super) const fn new(error: ConnectorError) -> Self {
        Self { error, retry_after: None, tries: u32::MAX }
    }
}

/// How a try ended that did not deliver.
#[derive(Debug)]
pub(super) enum Trouble {
    /// Trying again may help.
    Passing(Passing),
    /// Trying again cannot help.
    Final(ConnectorError),
}

impl From<ConnectorError> for Trouble {
    fn from(error: ConnectorError) -> Self {
        Self::Final(error)
    }
}

/// The tries of one reading.
#[derive(Debug)]
pub(super) struct Tries {
    patience: Patience,
    until: Moment,
    made: u32,
}

impl Tries {
    pub(super) fn begin(patience: Patience) -> Self {
        Self { patience, until: Moment::now().plus(patience.total), made: 0 }
    }

    /// How long the next try may take.
    pub(super) fn left(&self) -> Duration {
        self.until.left()
    }

    /// Waits until the next try, or gives what the failure becomes.
    ///
    /// # Errors
    /// The failure, when patience ran out.
    pub(super) async fn wait(&mut self, passing: Passing, random: u64) -> Result<(), ConnectorError> {
        self.made += 1;
        let wait = wait_for(self.made, passing.retry_after, self.patience.first_wait, random);
        if self.made >= self.patience.tries.min(passing.tries) || wait >= self.left() {
            return Err(passing.error);
        }
        tracing::debug!(tries = self.made, wait_ms = wait.as_millis(), error = %passing.error, "reading again");
        tokio::time::sleep(wait).await;
        Ok(())
    }
}

/// How long to wait after try number `made`: at least what was asked and a little more, so that
/// clients do not all come back at once; else anything up to a limit that doubles (full jitter).
fn wait_for(made: u32, retry_after: Option<Duration>, first: Duration, random: u64) -> Duration {
    match retry_after {
        Some(asked) => asked.saturating_add(part(asked.min(Duration::from_secs(4)) / 4, random)),
        None => {
            let limit = first.saturating_mul(1 << made.saturating_sub(1).min(16)).min(LONGEST_WAIT);
            part(limit, random)
        }
    }
}

/// A random part of a length.
fn part(of: Duration, random: u64) -> Duration {
    let millis = u64::try_from(of.as_millis()).unwrap_or(u64::MAX - 1);
    Duration::from_millis(random % (millis + 1))
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECOND: Duration = Duration::from_secs(1);

    #[test]
    fn what_was_asked_is_waited_whole_and_a_little_more() {
        for random in [0, 1, 999, u64::MAX] {
            let wait = wait_for(1, Some(10 * SECOND), SECOND, random);
            assert!(wait >= 10 * SECOND && wait <= 11 * SECOND, "G1: {wait:?}");
        }
        assert_eq!(wait_for(1, Some(Duration::ZERO), SECOND, 77), Duration::ZERO);
    }

    #[test]
    fn unasked_waits_double_up_to_five_minutes_and_are_spread() {
        let longest = |made| (0..2_000).map(|random| wait_for(made, None, SECOND, random * 167)).max().expect("some");
        assert!(longest(1) <= SECOND && longest(1) > SECOND * 9 / 10);
        assert!(longest(3) <= 4 * SECOND && longest(3) > 3 * SECOND);
        assert!(longest(60) <= LONGEST_WAIT, "G2");
    }

    #[tokio::test]
    async fn patience_ends_by_tries_by_time_and_by_kind() {
        let passing =
            |retry_after, tries| Passing { error: ConnectorError::Throttled { retry_after }, retry_after, tries };
        let quick = Patience { tries: 3, first_wait: Duration::ZERO, total: 30 * SECOND };
        let mut tries = Tries::begin(quick);
        assert!(tries.wait(passing(None, u32::MAX), 0).await.is_ok());
        assert!(tries.wait(passing(None, u32::MAX), 0).await.is_ok());
        assert!(tries.wait(passing(None, u32::MAX), 0).await.is_err(), "three tries were made");
        assert!(Tries::begin(quick).wait(passing(None, 1), 0).await.is_err(), "this kind is tried once");
        let asked = Some(60 * SECOND);
        assert_eq!(
            Tries::begin(quick).wait(passing(asked, u32::MAX), 0).await,
            Err(ConnectorError::Throttled { retry_after: asked }),
            "a wait beyond the patience is not begun"
        );
    }
}
