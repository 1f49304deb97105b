//! Moments and days. A moment is whole microseconds in UTC, so that both databases and the trail
//! keep it exactly; a day is a UTC calendar day, as Microsoft reports activity.

use std::fmt;
use std::str::FromStr;

use jiff::civil::Date;
use serde::{Deserialize, Deserializer, Serialize, Serializer, de::Error as _};

/// The text was not a moment or a day.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("not a {expected}: {text:?}")]
pub struct BadTime {
    /// What was expected.
    pub expected: &'static str,
    /// What was given.
    pub text: String,
}

fn bad(expected: &'static str, text: &str) -> BadTime {
    BadTime { expected, text: text.chars().take(80).collect() }
}

/// A moment, in whole microseconds since 1970 in UTC.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Timestamp(i64);

impl Timestamp {
    /// From microseconds since 1970 in UTC.
    pub const fn from_micros(micros: i64) -> Self {
        Self(micros)
    }

    /// Microseconds since 1970 in UTC.
    pub const fn as_micros(self) -> i64 {
        self.0
    }

    /// This many seconds later (earlier when negative).
    #[must_use]
    pub const fn plus_seconds(self, seconds: i64) -> Self {
        Self(self.0.saturating_add(seconds.saturating_mul(1_000_000)))
    }

    /// This many whole days of 24 hours later (earlier when negative).
    #[must_use]
    pub const fn plus_days(self, days: i64) -> Self {
        self.plus_seconds(days.saturating_mul(86_400))
    }

    /// Seconds from `earlier` until this moment; negative when it lies before.
    pub const fn seconds_since(self, earlier: Self) -> i64 {
        (self.0 - earlier.0).div_euclid(1_000_000)
    }

    /// The UTC calendar day this moment lies in.
    pub fn day(self) -> Day {
        let days = self.0.div_euclid(86_400_000_000);
        Day::from_days_since_1970(days)
    }
}

impl fmt::Display for Timestamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match jiff::Timestamp::from_microsecond(self.0) {
            Ok(moment) => moment.fmt(f),
            Err(_) => write!(f, "@{}us", self.0),
        }
    }
}

impl FromStr for Timestamp {
    type Err = BadTime;

    /// Reads RFC 3339 with any offset; finer than a microsecond is cut off.
    fn from_str(text: &str) -> Result<Self, BadTime> {
        jiff::Timestamp::from_str(text.trim())
            .map(|moment| Self(moment.as_microsecond()))
            .map_err(|_| bad("moment in RFC 3339", text))
    }
}

impl Serialize for Timestamp {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Timestamp {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(D::Error::custom)
    }
}

/// A UTC calendar day.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Day(Date);

impl Day {
    /// From a calendar date.
    pub const fn from_date(date: Date) -> Self {
        Self(date)
    }

    /// Days since 1 January 1970.
    pub fn days_since_1970(self) -> i64 {
        let epoch = Date::constant(1970, 1, 1);
        self.0.since(epoch).map_or(0, |span| i64::from(span.get_days()))
    }

    /// The day that many days after 1 January 1970, kept within years 1 to 9999.
    pub fn from_days_since_1970(days: i64) -> Self {
        let epoch = Date::constant(1970, 1, 1);
        let span = jiff::Span::new().try_days(days).unwrap_or_default();
        Self(epoch.saturating_add(span))
    }

    /// Whole days from `earlier` to this day; negative when it lies before.
    pub fn days_since(self, earlier: Self) -> i64 {
        self.days_since_1970() - earlier.days_since_1970()
    }

    /// The first moment of this day in UTC.
    pub fn start(self) -> Timestamp {
        Timestamp(self.days_since_1970() * 86_400_000_000)
    }

    /// The first moment after this day in UTC.
    pub fn end(self) -> Timestamp {
        self.start().plus_days(1)
    }

    /// The calendar year.
    pub fn year(self) -> i16 {
        self.0.year()
    }

    /// Whether this day stands for "no date": sources write 0001 or 1601 then, and nothing that
    /// Reseat reads is older than this (U7).
    pub fn is_placeholder(self) -> bool {
        self.year() < 2000
    }
}

impl fmt::Display for Day {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl FromStr for Day {
    type Err = BadTime;

    /// Reads `YYYY-MM-DD` and nothing else: 03/04 has two readings (R11).
    fn from_str(text: &str) -> Result<Self, BadTime> {
        let text = text.trim();
        if text.len() != 10 {
            return Err(bad("day as YYYY-MM-DD", text));
        }
        text.parse::<Date>().map(Self).map_err(|_| bad("day as YYYY-MM-DD", text))
    }
}

impl Serialize for Day {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Day {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(D::Error::custom)
    }
}

/// Whole UTC days without any use: the days strictly between the last use and the day up to which
/// the source knows. Rounded in the person's favor, so a limit must be passed by a full extra day
/// (U12).
pub fn idle_days(last_use: Day, known_until: Day) -> i64 {
    (known_until.days_since(last_use) - 1).max(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_and_moments_agree() {
        let moment: Timestamp = "2026-03-29T23:59:59.999999Z".parse().expect("a moment");
        assert_eq!(moment.day().to_string(), "2026-03-29");
        assert_eq!(moment.day().end(), moment.plus_seconds(0).day().start().plus_days(1));
        assert_eq!(Day::from_days_since_1970(-1).to_string(), "1969-12-31");
        assert_eq!(moment.to_string(), "2026-03-29T23:59:59.999999Z");
    }

    #[test]
    fn a_day_has_one_spelling() {
        assert!("03/04/2026".parse::<Day>().is_err());
        assert!("2026-3-4".parse::<Day>().is_err());
        assert!("2026-02-30".parse::<Day>().is_err());
        assert_eq!("2026-03-04".parse::<Day>().expect("a day").to_string(), "2026-03-04");
    }

    #[test]
    fn idle_days_count_only_whole_days_without_use() {
        let day = |text: &str| text.parse::<Day>().expect("a day");
        assert_eq!(idle_days(day("2026-07-01"), day("2026-07-01")), 0);
        assert_eq!(idle_days(day("2026-07-01"), day("2026-07-02")), 0);
        assert_eq!(idle_days(day("2026-07-01"), day("2026-09-30")), 90);
        assert_eq!(idle_days(day("2026-07-02"), day("2026-07-01")), 0);
    }
}
