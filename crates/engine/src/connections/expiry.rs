//! How long a secret or certificate still serves, and from when on people are warned (C3).

use reseat_domain::time::Timestamp;

use crate::connections::Purpose;

/// From how many days before the end on a warning is given, the latest first.
const WARN_AT_DAYS: [i64; 4] = [1, 7, 14, 30];

/// A secret or certificate that ends soon, or has ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Expiry {
    /// Of which connection.
    pub purpose: Purpose,
    /// When it ends.
    pub expires_at: Timestamp,
    /// Whole days left; 0 on the last day, negative once it has ended.
    pub days_left: i64,
    /// Which of the warnings this is: 30, 14, 7 or 1 days before, 0 once it has ended.
    pub level: i64,
    /// What is about to happen, in one sentence.
    pub message: String,
    /// What to do about it.
    pub remedy: String,
}

/// The warning that is due now for what ends at `expires_at`, if one is. `kind` is the connection's.
pub fn expiry(purpose: Purpose, kind: &str, expires_at: Timestamp, now: Timestamp) -> Option<Expiry> {
    let seconds = expires_at.seconds_since(now);
    let days_left = seconds.div_euclid(86_400);
    let ended = seconds <= 0;
    let level = if ended {
        0
    } else {
        // Up to and including the day itself: 30 days and a few hours is not yet 30 days before.
        *WARN_AT_DAYS.iter().find(|days| seconds <= **days * 86_400)?
    };
    let what = if kind == "certificate" { "certificate" } else { "client secret" };
    let when = expires_at.day();
    let message = match (ended, days_left) {
        (true, _) => format!("The {what} of the {purpose} connection ended on {when}."),
        (false, 0) => format!("The {what} of the {purpose} connection ends within a day, on {when}."),
        (false, 1) => format!("The {what} of the {purpose} connection ends in 1 day, on {when}."),
        (false, days) => format!("The {what} of the {purpose} connection ends in {days} days, on {when}."),
    };
    let remedy = if what == "certificate" {
        "Upload a new certificate to the app registration in Microsoft Entra, and give Reseat the same one with its key."
    } else {
        "Create a new client secret in Microsoft Entra, and give Reseat its value and its last day."
    };
    Some(Expiry { purpose, expires_at, days_left, level, message, remedy: remedy.to_owned() })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn level(days: i64, hours: i64) -> Option<i64> {
        let now: Timestamp = "2026-11-24T10:00:00Z".parse().expect("a moment");
        expiry(Purpose::Reader, "certificate", now.plus_days(days).plus_seconds(hours * 3_600), now).map(|it| it.level)
    }

    #[test]
    fn warnings_come_30_14_7_and_1_days_before_the_end_and_after_it() {
        let seen =
            [(31, 0), (30, 1), (30, 0), (15, 0), (14, 0), (8, 0), (7, 0), (2, 0), (1, 0), (0, 1), (0, 0), (-9, 0)]
                .map(|(days, hours)| level(days, hours));
        let expected =
            [None, None, Some(30), Some(30), Some(14), Some(14), Some(7), Some(7), Some(1), Some(1), Some(0), Some(0)];
        assert_eq!(seen, expected, "C3");
    }

    #[test]
    fn a_warning_says_what_ends_when_and_what_to_do() {
        let now: Timestamp = "2026-11-24T10:00:00Z".parse().expect("a moment");
        let soon = expiry(Purpose::Writer, "client_secret", now.plus_days(6), now).expect("it ends soon");
        assert_eq!(soon.message, "The client secret of the writer connection ends in 6 days, on 2026-11-30.");
        assert!(soon.remedy.contains("new client secret"));
        let ended = expiry(Purpose::Writer, "certificate", now.plus_days(-2), now).expect("it ended");
        assert_eq!(ended.message, "The certificate of the writer connection ended on 2026-11-22.");
    }
}
