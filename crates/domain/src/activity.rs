//! Signs of use: sign-ins and last activity by service.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::directory::Service;
use crate::time::{Day, Timestamp};

/// The directory's three sign-in dates. All absent means that none was recorded, which is not
/// "never" before April 2020.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct SignIn {
    /// Last success of either kind. Filled only since December 2023 (U9).
    pub last_successful: Option<Timestamp>,
    /// Last attempt by the person, successful or not.
    pub last_interactive: Option<Timestamp>,
    /// Last attempt by a program on the person's behalf, successful or not.
    pub last_non_interactive: Option<Timestamp>,
}

/// 1 December 2023: Microsoft records successful sign-ins since then and filled in nothing older.
const SUCCESS_RECORDED_SINCE: Timestamp = Timestamp::from_micros(1_701_388_800_000_000);

/// What the three dates of a sign-in record say together.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LastSignIn {
    /// The last sign-in that counts as use.
    At(Timestamp),
    /// No date at all: how Microsoft writes "never", or not since April 2020. A lost record looks
    /// the same, so another source has to agree before anything rests on it.
    NoneRecorded,
    /// The dates do not settle it.
    Unclear {
        /// An attempt that may have been use, in the person's favor.
        at_least: Option<Timestamp>,
        /// Why, in words for a person.
        why: &'static str,
    },
}

impl SignIn {
    /// The last sign-in that counts as use. Attempts that failed are no use (U10), and Microsoft
    /// filled in no success older than its record (U9); so attempts without a success settle
    /// something only for an account older than that record, or of unknown age, and only when both
    /// dates are there. Taking any of the dates away makes the answer later or unclear, never
    /// earlier (I11).
    pub fn last_use(&self, account_created: Option<Timestamp>) -> LastSignIn {
        let Self { last_successful, last_interactive, last_non_interactive } = *self;
        if let Some(success) = last_successful {
            return LastSignIn::At(success);
        }
        let Some(attempt) = last_interactive.max(last_non_interactive) else {
            return LastSignIn::NoneRecorded;
        };
        if account_created.is_some_and(|created| created >= SUCCESS_RECORDED_SINCE) {
            let why = "sign-in attempts are recorded and no success: either they failed, or the date of the success is missing";
            return LastSignIn::Unclear { at_least: None, why };
        }
        if last_interactive.is_some() && last_non_interactive.is_some() {
            return LastSignIn::At(attempt);
        }
        let why = "no successful sign-in is recorded, and of the two dates of attempts only one is there";
        LastSignIn::Unclear { at_least: Some(attempt), why }
    }
}

impl SignIn {
    /// This reading together with what was known before: of each date the later one. Microsoft now and
    /// then leaves out what it once gave, and replicas lag, so a date that was there does not go away
    /// (I11). A date in the future was no date, and does not stay.
    #[must_use]
    pub fn with_known(self, known: Self, read_at: Timestamp) -> Self {
        let later = |read: Option<Timestamp>, known: Option<Timestamp>| read.max(known.filter(|at| *at <= read_at));
        Self {
            last_successful: later(self.last_successful, known.last_successful),
            last_interactive: later(self.last_interactive, known.last_interactive),
            last_non_interactive: later(self.last_non_interactive, known.last_non_interactive),
        }
    }
}

/// One person's row of the active-user report.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ServiceUse {
    /// The day up to which the report knows. Idle days count to this day, never to today.
    pub refreshed: Day,
    /// Over how many refreshes the person's row has been seen.
    pub refreshes: u32,
    /// Last activity by service; no entry means no use seen in the report's window.
    pub last_activity: BTreeMap<Service, Day>,
}

/// Whether a name in a report is a pseudonym: 32 upper-case hexadecimal digits (U1, U2).
pub fn looks_concealed(name: &str) -> bool {
    name.len() == 32 && name.bytes().all(|byte| byte.is_ascii_digit() || (b'A'..=b'F').contains(&byte))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> Timestamp {
        text.parse().expect("a moment")
    }

    #[test]
    fn failed_attempts_alone_settle_nothing_on_an_account_younger_than_the_record() {
        let attempts = SignIn {
            last_successful: None,
            last_interactive: Some(at("2026-10-01T00:00:00Z")),
            last_non_interactive: Some(at("2026-09-01T00:00:00Z")),
        };
        let young = Some(at("2024-01-01T00:00:00Z"));
        let old = Some(at("2019-01-01T00:00:00Z"));
        assert!(matches!(attempts.last_use(young), LastSignIn::Unclear { at_least: None, .. }), "U10");
        assert_eq!(attempts.last_use(old), LastSignIn::At(at("2026-10-01T00:00:00Z")), "U9: kept, not never");
        assert_eq!(attempts.last_use(None), LastSignIn::At(at("2026-10-01T00:00:00Z")));
        let one = SignIn { last_non_interactive: None, ..attempts };
        assert!(matches!(one.last_use(old), LastSignIn::Unclear { at_least: Some(_), .. }));
        assert_eq!(SignIn::default().last_use(old), LastSignIn::NoneRecorded);
    }

    #[test]
    fn a_success_outranks_later_failed_attempts() {
        let sign_in = SignIn {
            last_successful: Some(at("2026-01-01T00:00:00Z")),
            last_interactive: Some(at("2026-10-01T00:00:00Z")),
            last_non_interactive: None,
        };
        assert_eq!(sign_in.last_use(None), LastSignIn::At(at("2026-01-01T00:00:00Z")));
    }

    #[test]
    fn a_date_that_was_there_does_not_go_away_and_one_in_the_future_does_not_stay() {
        let (old, new, later) = (at("2026-01-01T00:00:00Z"), at("2026-10-01T00:00:00Z"), at("2027-01-01T00:00:00Z"));
        let known = SignIn { last_successful: Some(new), last_interactive: Some(old), last_non_interactive: None };
        let read = SignIn { last_successful: Some(old), last_interactive: Some(new), last_non_interactive: Some(old) };
        let both = SignIn { last_successful: Some(new), last_interactive: Some(new), last_non_interactive: Some(old) };
        assert_eq!(read.with_known(known, new), both);
        assert_eq!(SignIn::default().with_known(known, new), known, "an empty record takes nothing away");
        let wrong = SignIn { last_successful: Some(later), ..known };
        assert_eq!(read.with_known(wrong, new).last_successful, Some(old));
    }

    #[test]
    fn concealed_names_have_a_shape() {
        assert!(looks_concealed("DC8C64D6EC3A3AA17481D7E5EB5B68A6"));
        assert!(!looks_concealed("dc8c64d6ec3a3aa17481d7e5eb5b68a6"));
        assert!(!looks_concealed("ada.king@contoso.example"));
    }
}
