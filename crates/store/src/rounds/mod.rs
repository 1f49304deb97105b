//! Rounds of reading: written aside, then swapped in whole after the completeness checks. What did
//! not change is not written; what changed leaves a row of history.

/// Runs SQL that binds the tenant as `$1` and a moment as `$2` (bound only where it is used).
macro_rules! run {
    ($tx:expr, $tenant:expr, $sql:expr $(, $bind:expr)*) => {
        on_either!(&mut *$tx, conn =>
            sqlx::query($sql).bind($tenant.to_string())$(.bind($bind))*.execute(conn).await.map(|done| done.rows_affected()))?
    };
}

use crate::dialect::storable;

mod activity;
mod content;
mod people;
mod publish;
mod reports;
mod roster;

pub(crate) use activity::service_use;
pub use activity::{publish_sign_ins, upsert_sign_ins};
pub use content::row_hash;
pub use people::{
    clear_people_aside, count_licensed_people, find_people_by_upn, list_aside, list_name_marks, list_row_hashes,
    list_user_ids, put_gone_aside, put_people_aside,
};
pub use publish::{RoundCounts, count_round, publish_people};
pub use reports::{
    PublishedRow, ReportRow, clear_report_aside, count_report_aside, forget_report_aside, list_report_rows,
    publish_report, put_report_aside,
};
pub use roster::{RosterEntry, UnknownRow, count_roster, publish_roster, put_roster_aside, replace_roster_unknown};

/// Folds a name or address for comparison: Unicode lower case.
pub fn fold(text: &str) -> String {
    storable(text.trim()).to_lowercase()
}
