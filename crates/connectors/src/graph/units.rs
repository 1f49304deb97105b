//! Resource units, as the directory counts them (6.1, 6.2): readings are paced by our own bucket, because
//! the header that warns is often not seen before the first refusal (9#40).

use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use reqwest::Url;

use super::monotonic::Moment;

/// Units of ten seconds in the smallest kind of tenant: what every tenant allows.
const CAPACITY: u32 = 3_500;

/// In which time so many are allowed.
const WINDOW: Duration = Duration::from_secs(10);

/// The bucket of one tenant, kept as the moment at which it will be full again.
#[derive(Debug)]
pub(super) struct Units {
    full_at: Mutex<Moment>,
}

impl Units {
    pub(super) fn new() -> Self {
        Self { full_at: Mutex::new(Moment::now()) }
    }

    /// Takes units and says how long to wait before they may be used.
    pub(super) fn take(&self, cost: u32) -> Duration {
        let mut full_at = self.full_at.lock().unwrap_or_else(PoisonError::into_inner);
        let missing = full_at.left() + WINDOW * cost / CAPACITY;
        *full_at = Moment::now().plus(missing);
        missing.saturating_sub(WINDOW)
    }
}

/// What a reading costs; nothing where the directory does not count.
pub(super) fn cost(url: &Url) -> u32 {
    let parts: Vec<&str> = url.path_segments().into_iter().flatten().filter(|part| !part.is_empty()).collect();
    let (base, list) = match parts.get(1..).unwrap_or_default() {
        ["reports" | "copilot" | "admin", ..] => return 0,
        ["users", _, "mailboxSettings", ..] => return 0,
        ["users"] => (2, true),
        ["users", _, "licenseDetails" | "memberOf" | "transitiveMemberOf", ..] => (2, true),
        ["subscribedSkus", ..] | ["groups", _, "members", ..] => (3, true),
        ["groups", _, "transitiveMembers", ..] => (5, true),
        _ => (1, false),
    };
    let option = |wanted: &str| url.query_pairs().find(|(name, _)| name == wanted).map(|(_, value)| value.into_owned());
    let small = option("$top").and_then(|top| top.parse::<u32>().ok()).is_some_and(|top| top < 20);
    let more = base + u32::from(option("$expand").is_some());
    let less = u32::from(option("$select").is_some()) + u32::from(small && list);
    more.saturating_sub(less).max(1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_reading_costs_what_the_table_says() {
        for (path, units) in [
            ("v1.0/users?$select=id&$top=999", 1),
            ("v1.0/users?$select=id&$top=999&$expand=manager($select=id)", 2),
            ("v1.0/users?$top=999", 2),
            ("v1.0/users/11111111-1111-4111-8111-111111111111?$select=id", 1),
            ("v1.0/users/a/licenseDetails", 2),
            ("v1.0/subscribedSkus", 3),
            ("v1.0/groups/a/members?$select=id", 2),
            ("v1.0/groups/a/transitiveMembers", 5),
            ("v1.0/groups?$filter=assignedLicenses/$count%20ne%200&$count=true&$select=id", 1),
            ("v1.0/directory/subscriptions", 1),
            ("v1.0/reports/getMailboxUsageDetail(period='D7')", 0),
            ("v1.0/admin/reportSettings", 0),
        ] {
            let url = Url::parse(&format!("https://graph.microsoft.com/{path}")).expect("an address");
            assert_eq!(cost(&url), units, "6.2: {path}");
        }
    }

    #[test]
    fn a_full_bucket_is_spent_at_once_and_then_refills_by_time() {
        let units = Units::new();
        for _ in 0..CAPACITY / 2 {
            assert_eq!(units.take(1), Duration::ZERO, "6.1");
        }
        assert_eq!(units.take(CAPACITY / 4), Duration::ZERO);
        let wait = units.take(CAPACITY);
        assert!(wait > WINDOW / 2 && wait <= WINDOW, "6.1: {wait:?}");
        assert!(units.take(CAPACITY) > wait, "those behind wait longer");
    }
}
