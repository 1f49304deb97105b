//! Change windows: the hours of the week in which writes may start, in the tenant's own zone. Pure: whoever
//! asks says what the clock on the wall shows there.

use jiff::civil::{DateTime, Time, Weekday};
use serde::{Deserialize, Serialize};

use crate::directory::words;

/// A day of the week.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[expect(missing_docs, reason = "the names say it")]
pub enum DayOfWeek {
    Monday,
    Tuesday,
    Wednesday,
    Thursday,
    Friday,
    Saturday,
    Sunday,
}
words!(DayOfWeek {
    Monday => "monday",
    Tuesday => "tuesday",
    Wednesday => "wednesday",
    Thursday => "thursday",
    Friday => "friday",
    Saturday => "saturday",
    Sunday => "sunday",
});

impl DayOfWeek {
    const fn of(day: Weekday) -> Self {
        match day {
            Weekday::Monday => Self::Monday,
            Weekday::Tuesday => Self::Tuesday,
            Weekday::Wednesday => Self::Wednesday,
            Weekday::Thursday => Self::Thursday,
            Weekday::Friday => Self::Friday,
            Weekday::Saturday => Self::Saturday,
            Weekday::Sunday => Self::Sunday,
        }
    }
}

/// Some hours on some days. One that ends at or before it begins goes on past midnight, and belongs to the day
/// on which it begins.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Window {
    /// On which days it begins.
    pub days: Vec<DayOfWeek>,
    /// From when, `HH:MM`.
    pub from: String,
    /// Until when, `HH:MM`; `24:00` is midnight at the end of the day.
    pub until: String,
}

/// A window that makes no sense.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct BadWindow(String);

impl Window {
    /// Refuses what makes no sense.
    ///
    /// # Errors
    /// [`BadWindow`] says what.
    pub fn check(&self) -> Result<(), BadWindow> {
        if self.days.is_empty() {
            return Err(BadWindow("a window names the days on which it begins".to_owned()));
        }
        let bad = |text: &str| BadWindow(format!("{text:?} is no time of the form HH:MM"));
        let from = minutes(&self.from).filter(|minute| *minute < DAY).ok_or_else(|| bad(&self.from))?;
        let until = minutes(&self.until).ok_or_else(|| bad(&self.until))?;
        if from == until {
            return Err(BadWindow("a window that begins and ends at the same time is none".to_owned()));
        }
        Ok(())
    }

    /// Minutes since the start of its day at which it begins, and how long it is.
    fn span(&self) -> Option<(i32, i32)> {
        let (from, until) = (minutes(&self.from)?, minutes(&self.until)?);
        Some((from, if until > from { until - from } else { until + DAY - from }))
    }
}

/// Minutes of a day.
const DAY: i32 = 24 * 60;

fn minutes(text: &str) -> Option<i32> {
    let (hour, minute) = text.split_once(':')?;
    let digits = |part: &str| part.len() == 2 && part.bytes().all(|byte| byte.is_ascii_digit());
    if !digits(hour) || !digits(minute) {
        return None;
    }
    let (hour, minute): (i32, i32) = (hour.parse().ok()?, minute.parse().ok()?);
    let total = hour * 60 + minute;
    (minute < 60 && total <= DAY).then_some(total)
}

/// Whether writes may start when the clock on the wall shows `local`. Without a window they always may; a
/// window that makes no sense is never open.
pub fn is_open(windows: &[Window], local: DateTime) -> bool {
    windows.is_empty() || windows.iter().any(|window| is_within(window, local))
}

fn is_within(window: &Window, local: DateTime) -> bool {
    let Some((from, length)) = window.span() else { return false };
    let minute = i32::from(local.hour()) * 60 + i32::from(local.minute());
    let begins_on = |day: DateTime| window.days.contains(&DayOfWeek::of(day.weekday()));
    let today = begins_on(local) && (from..from + length).contains(&minute);
    let yesterday = local.yesterday().is_ok_and(begins_on) && minute + DAY < from + length;
    today || yesterday
}

/// When the next window begins after `local`, on the same wall; `None` without one that makes sense.
pub fn next_opening(windows: &[Window], local: DateTime) -> Option<DateTime> {
    let mut best: Option<DateTime> = None;
    let mut day = local.date();
    for _ in 0..8 {
        for window in windows {
            let Some((from, _)) = window.span() else { continue };
            let time = Time::new(i8::try_from(from / 60).ok()?, i8::try_from(from % 60).ok()?, 0, 0).ok()?;
            let begins = day.to_datetime(time);
            let fits = window.days.contains(&DayOfWeek::of(begins.weekday())) && begins > local;
            if fits && best.is_none_or(|best| begins < best) {
                best = Some(begins);
            }
        }
        if best.is_some() {
            return best;
        }
        day = day.tomorrow().ok()?;
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    fn window(days: &[DayOfWeek], from: &str, until: &str) -> Window {
        Window { days: days.to_vec(), from: from.to_owned(), until: until.to_owned() }
    }

    fn at(text: &str) -> DateTime {
        text.parse().expect("a date and a time")
    }

    #[test]
    fn writes_start_within_a_window_and_past_midnight_only_if_it_began_the_day_before() {
        use DayOfWeek::{Friday, Tuesday};
        let windows = [window(&[Tuesday], "09:00", "17:30"), window(&[Friday], "22:00", "06:00")];
        // 2026-11-24 is a Tuesday.
        for (moment, open) in [
            ("2026-11-24T08:59:59", false),
            ("2026-11-24T09:00:00", true),
            ("2026-11-24T17:29:59", true),
            ("2026-11-24T17:30:00", false),
            ("2026-11-25T10:00:00", false),
            ("2026-11-27T05:00:00", false),
            ("2026-11-27T22:00:00", true),
            ("2026-11-28T05:59:59", true),
            ("2026-11-28T06:00:00", false),
        ] {
            assert_eq!(is_open(&windows, at(moment)), open, "{moment}");
        }
        assert!(is_open(&[], at("2026-11-24T03:00:00")), "without a window at any time");
    }

    #[test]
    fn the_next_opening_is_the_first_one_after_now() {
        use DayOfWeek::{Friday, Tuesday};
        let windows = [window(&[Tuesday], "09:00", "17:30"), window(&[Friday], "22:00", "06:00")];
        for (now, next) in [
            ("2026-11-24T08:00:00", "2026-11-24T09:00:00"),
            ("2026-11-24T09:00:00", "2026-11-27T22:00:00"),
            ("2026-11-28T07:00:00", "2026-12-01T09:00:00"),
        ] {
            assert_eq!(next_opening(&windows, at(now)), Some(at(next)), "{now}");
        }
        let weekly = [window(&[Tuesday], "09:00", "10:00")];
        assert_eq!(next_opening(&weekly, at("2026-11-24T11:00:00")), Some(at("2026-12-01T09:00:00")));
        assert_eq!(next_opening(&[], at("2026-11-24T11:00:00")), None);
    }

    #[test]
    fn a_window_that_makes_no_sense_is_refused_and_never_open() {
        use DayOfWeek::Monday;
        assert!(window(&[Monday], "00:00", "24:00").check().is_ok());
        for wrong in [
            window(&[], "09:00", "10:00"),
            window(&[Monday], "9:00", "10:00"),
            window(&[Monday], "24:00", "10:00"),
            window(&[Monday], "09:60", "10:00"),
            window(&[Monday], "09:00", "25:00"),
            window(&[Monday], "09:00", "09:00"),
            window(&[Monday], "", ""),
        ] {
            assert!(wrong.check().is_err(), "{wrong:?}");
        }
        assert!(!is_open(&[window(&[Monday], "x", "y")], at("2026-11-23T09:30:00")));
    }
}
