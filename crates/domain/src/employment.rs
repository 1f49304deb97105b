//! What the HR roster says about a person. "Active" here is employment, never activity.

use serde::{Deserialize, Serialize};

use crate::directory::words;
use crate::time::Day;

/// The status column of a roster.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum EmploymentStatus {
    /// Employed.
    Active,
    /// No longer employed, or not any more from a given day.
    Inactive,
    /// Employed and away.
    OnLeave,
}
words!(EmploymentStatus { Active => "active", Inactive => "inactive", OnLeave => "on_leave" });

/// One person's row of the roster.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Employment {
    /// Status as the roster gives it.
    pub status: EmploymentStatus,
    /// First day of employment.
    pub start: Option<Day>,
    /// Last day of employment.
    pub end: Option<Day>,
}

/// What a row means on a given day.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Standing {
    /// Employed and expected at work.
    Employed,
    /// Employed and away: keeps every seat.
    OnLeave,
    /// Employment ended; the last day, if the roster gives it.
    Left {
        /// Last day of employment.
        last_day: Option<Day>,
    },
}

impl Employment {
    /// Where the person stands on `today`. A last day in the future has not come yet, whatever
    /// the status column says; an active row stays employed even
    /// with a past last day, because such a row contradicts itself.
    pub fn standing(&self, today: Day) -> Standing {
        match (self.status, self.end) {
            (EmploymentStatus::Inactive, None) => Standing::Left { last_day: None },
            (EmploymentStatus::Inactive, Some(end)) if end < today => Standing::Left { last_day: Some(end) },
            (EmploymentStatus::Inactive, Some(_)) | (EmploymentStatus::Active, _) => Standing::Employed,
            (EmploymentStatus::OnLeave, _) => Standing::OnLeave,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(status: EmploymentStatus, end: Option<&str>) -> Employment {
        Employment { status, start: None, end: end.map(|day| day.parse().expect("a day")) }
    }

    #[test]
    fn a_leaver_keeps_everything_until_the_last_day_is_over() {
        let today: Day = "2026-06-30".parse().expect("a day");
        let leaving = row(EmploymentStatus::Inactive, Some("2026-06-30"));
        assert_eq!(leaving.standing(today), Standing::Employed);
        let left = row(EmploymentStatus::Inactive, Some("2026-06-29"));
        assert_eq!(left.standing(today), Standing::Left { last_day: left.end });
        assert_eq!(row(EmploymentStatus::OnLeave, Some("2026-01-01")).standing(today), Standing::OnLeave);
        // A past last day on an active row contradicts itself: the person is kept.
        assert_eq!(row(EmploymentStatus::Active, Some("2026-01-01")).standing(today), Standing::Employed);
    }
}
