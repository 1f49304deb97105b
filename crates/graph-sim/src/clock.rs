//! The simulated clock: real time, scaled and moved.

use jiff::civil::Date;
use std::time::{SystemTime, UNIX_EPOCH};

/// Milliseconds since 1970-01-01T00:00:00Z on the simulated clock.
pub type Millis = i64;

/// Seconds in a day, the unit of every activity rule.
pub const DAY: i64 = 86_400;

/// A clock that runs `rate` times as fast as the machine's, from a chosen moment.
#[derive(Clone, Copy, Debug)]
pub struct Clock {
    base: Millis,
    wall_base: Millis,
    /// Simulated seconds per real second; 0 stops the clock.
    pub rate: f64,
}

impl Clock {
    /// Starts at `at` now.
    pub fn starting_at(at: Millis, rate: f64) -> Self {
        Self { base: at, wall_base: wall_now(), rate }
    }

    /// The simulated moment.
    pub fn now(&self) -> Millis {
        #[expect(
            clippy::cast_precision_loss,
            clippy::cast_possible_truncation,
            reason = "a run lasts far below 2^52 milliseconds"
        )]
        let passed = ((wall_now() - self.wall_base).max(0) as f64 * self.rate) as i64;
        self.base + passed
    }
}

/// The machine's clock in milliseconds.
pub fn wall_now() -> Millis {
    SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .map_or(0, |passed| i64::try_from(passed.as_millis()).unwrap_or(i64::MAX))
}

/// Midnight UTC of a day, in seconds.
pub fn midnight(date: Date) -> i64 {
    date.to_zoned(jiff::tz::TimeZone::UTC).map_or(0, |zoned| zoned.timestamp().as_second())
}

/// The UTC day of a moment in seconds, as `YYYY-MM-DD`.
pub fn day_text(second: i64) -> String {
    date_of(second).to_string()
}

/// The UTC day of a moment in seconds.
pub fn date_of(second: i64) -> Date {
    jiff::Timestamp::from_second(second).map_or(Date::ZERO, |at| at.to_zoned(jiff::tz::TimeZone::UTC).date())
}

/// A moment in seconds as Graph writes it: `2026-11-22T08:15:30Z`.
pub fn second_text(second: i64) -> String {
    jiff::Timestamp::from_second(second).map_or_else(|_| String::new(), |at| at.to_string())
}

/// A moment in milliseconds as RFC 3339.
pub fn millis_text(millis: Millis) -> String {
    jiff::Timestamp::from_millisecond(millis).map_or_else(|_| String::new(), |at| at.to_string())
}

/// A moment in milliseconds as HTTP headers write it.
pub fn http_date(millis: Millis) -> String {
    let printed = jiff::Timestamp::from_millisecond(millis)
        .and_then(|at| jiff::fmt::rfc2822::DateTimePrinter::new().timestamp_to_rfc9110_string(&at));
    printed.unwrap_or_default()
}

/// Reads an RFC 3339 moment, or a plain date as its midnight UTC.
pub fn parse_moment(text: &str) -> Option<Millis> {
    text.parse::<jiff::Timestamp>()
        .map(jiff::Timestamp::as_millisecond)
        .ok()
        .or_else(|| text.parse::<Date>().ok().map(|date| midnight(date) * 1000))
}

/// Whether the UTC day number (days since 1970-01-01, a Thursday) is Monday to Friday.
pub fn is_working_day(day: i64) -> bool {
    (day + 3).rem_euclid(7) < 5
}
