//! The circuit breaker of readings. A host that fails again and again is left alone for a while; then
//! one request finds out whether it is back, while the others wait. Being throttled is no failure: a
//! host that says how long to wait is there.

use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use super::monotonic::Moment;

/// How many failures in a row open it: more than the tries of several readings at once.
const FAILURES: u32 = 20;

/// How long it stays open.
const COOL_DOWN: Duration = Duration::from_secs(5);

/// How long the others wait while one finds out.
const WHILE_PROBED: Duration = Duration::from_millis(500);

/// How long one has to find out before another may try.
const PROBE_PATIENCE: Duration = Duration::from_secs(60);

/// The breaker of one host.
#[derive(Debug)]
pub(super) struct Breaker {
    failures: u32,
    cool_down: Duration,
    state: Mutex<State>,
}

#[derive(Debug, Default)]
struct State {
    failed_in_a_row: u32,
    /// Until when nothing is sent; `None` while all is well.
    open_until: Option<Moment>,
    /// Until when somebody is finding out.
    probed_until: Option<Moment>,
}

impl Breaker {
    pub(super) fn new() -> Self {
        Self::with(FAILURES, COOL_DOWN)
    }

    fn with(failures: u32, cool_down: Duration) -> Self {
        Self { failures, cool_down, state: Mutex::default() }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Whether a request may go out.
    ///
    /// # Errors
    /// How long to wait, and how often the host failed.
    pub(super) fn permit(&self) -> Result<(), (Duration, u32)> {
        let mut state = self.state();
        let Some(open_until) = state.open_until else { return Ok(()) };
        let left = open_until.left();
        if left > Duration::ZERO {
            return Err((left, state.failed_in_a_row));
        }
        if state.probed_until.is_some_and(|until| until.left() > Duration::ZERO) {
            return Err((WHILE_PROBED, state.failed_in_a_row));
        }
        state.probed_until = Some(Moment::now().plus(PROBE_PATIENCE));
        Ok(())
    }

    /// The host answered, whatever it said.
    pub(super) fn answered(&self) {
        *self.state() = State::default();
    }

    /// The host failed.
    pub(super) fn failed(&self) {
        let mut state = self.state();
        state.failed_in_a_row = state.failed_in_a_row.saturating_add(1);
        if state.failed_in_a_row >= self.failures {
            if state.open_until.is_none() {
                tracing::warn!(
                    failures = state.failed_in_a_row,
                    "Microsoft Graph keeps failing; it is left alone for a while"
                );
            }
            state.open_until = Some(Moment::now().plus(self.cool_down));
        }
        state.probed_until = None;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const HOUR: Duration = Duration::from_secs(3_600);

    #[test]
    fn it_opens_after_failures_in_a_row_and_not_after_failures_alone() {
        let breaker = Breaker::with(3, HOUR);
        for _ in 0..5 {
            breaker.failed();
            breaker.failed();
            breaker.answered();
        }
        assert!(breaker.permit().is_ok());
        for _ in 0..3 {
            assert!(breaker.permit().is_ok());
            breaker.failed();
        }
        let (wait, failures) = breaker.permit().expect_err("it is open");
        assert!(wait > HOUR / 2 && failures == 3);
        breaker.answered();
        assert!(breaker.permit().is_ok());
    }

    #[test]
    fn when_it_is_half_open_one_finds_out_and_the_others_wait() {
        let breaker = Breaker::with(2, Duration::ZERO);
        breaker.failed();
        breaker.failed();
        assert!(breaker.permit().is_ok(), "one may try");
        assert_eq!(breaker.permit(), Err((WHILE_PROBED, 2)), "the others wait for it");
        breaker.failed();
        assert!(breaker.permit().is_ok(), "the next one may try");
        breaker.answered();
        assert!(breaker.permit().is_ok() && breaker.permit().is_ok(), "closed again");
    }
}
