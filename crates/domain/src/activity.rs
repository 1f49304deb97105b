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

impl SignIn {
    /// The last sign-in that counts as use. Failed attempts are no use (U10): attempts count only
    /// for an account that is older than the record of successes, or whose age is not known.
    pub fn last_use(&self, account_created: Option<Timestamp>) -> Option<Timestamp> {
        if self.last_successful.is_some() {
            return self.last_successful;
        }
        let attempts = self.last_interactive.max(self.last_non_interactive);
        match account_created {
            Some(created) if created >= SUCCESS_RECORDED_SINCE => None,
            Some(_) | None => attempts,
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
    fn a_failed_attempt_is_no_use_on_a_young_account() {
        let sign_in = SignIn { last_interactive: Some(at("2026-10-01T00:00:00Z")), ..SignIn::default() };
        assert_eq!(sign_in.last_use(Some(at("2024-01-01T00:00:00Z"))), None);
        assert!(sign_in.last_use(Some(at("2019-01-01T00:00:00Z"))).is_some());
        assert!(sign_in.last_use(None).is_some());
    }

    #[test]
    fn a_success_outranks_later_failed_attempts() {
        let sign_in = SignIn {
            last_successful: Some(at("2026-01-01T00:00:00Z")),
            last_interactive: Some(at("2026-10-01T00:00:00Z")),
            last_non_interactive: None,
        };
        assert_eq!(sign_in.last_use(None), Some(at("2026-01-01T00:00:00Z")));
    }

    #[test]
    fn concealed_names_have_a_shape() {
        assert!(looks_concealed("DC8C64D6EC3A3AA17481D7E5EB5B68A6"));
        assert!(!looks_concealed("dc8c64d6ec3a3aa17481d7e5eb5b68a6"));
        assert!(!looks_concealed("ada.king@contoso.example"));
    }
}
