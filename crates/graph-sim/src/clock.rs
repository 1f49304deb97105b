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

/// [`second_text`] without a detour: pages hold thousands of moments. Howard Hinnant's calendar of days.
pub fn write_second(out: &mut Vec<u8>, second: i64) {
    let (day, of_day) = (second.div_euclid(DAY), second.rem_euclid(DAY));
    let shifted = day + 719_468;
    let (era, of_era) = (shifted.div_euclid(146_097), shifted.rem_euclid(146_097));
    let year_of_era = (of_era - of_era / 1460 + of_era / 36_524 - of_era / 146_096) / 365;
    let of_year = of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let month_from_march = (5 * of_year + 2) / 153;
    let month = if month_from_march < 10 { month_from_march + 3 } else { month_from_march - 9 };
    let year = year_of_era + era * 400 + i64::from(month <= 2);
    let date = of_year - (153 * month_from_march + 2) / 5 + 1;
    let digits = |number: i64| [digit(number / 10), digit(number % 10)];
    out.extend(digits(year / 100));
    out.extend(digits(year % 100));
    for (sign, number) in
        [(b'-', month), (b'-', date), (b'T', of_day / 3600), (b':', of_day / 60 % 60), (b':', of_day % 60)]
    {
        out.push(sign);
        out.extend(digits(number));
    }
    out.push(b'Z');
}

fn digit(number: i64) -> u8 {
    b'0' + u8::try_from(number.rem_euclid(10)).unwrap_or(0)
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_ways_of_writing_a_moment_agree() {
        for second in (0..4_000_000_000).step_by(86_399_993).chain([951_782_400, 1_709_164_800, 1_772_625_599]) {
            let mut written = Vec::new();
            write_second(&mut written, second);
            assert_eq!(String::from_utf8_lossy(&written), second_text(second));
        }
    }
}
