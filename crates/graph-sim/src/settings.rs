//! Switches of the tenant. Where public material leaves a fact open, both readings are here.

use serde::{Deserialize, Serialize};

/// What happens where two readings of Microsoft's documentation are possible.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Settings {
    /// Entra ID P1 or better: without it `signInActivity` is refused.
    pub premium: bool,
    /// Names in usage reports are replaced by 32 hex digits.
    pub conceal_names: bool,
    /// Read-after-write lag of licenses, in simulated milliseconds.
    pub read_lag_ms: i64,
    /// How long licenses take to follow a membership, in simulated milliseconds.
    pub group_delay_ms: i64,
    /// Hours a sign-in takes to appear in `signInActivity`.
    pub sign_in_lag_hours: i64,
    /// Days usage reports lag behind.
    pub report_lag_days: i64,
    /// Reports start with a byte order mark.
    pub report_bom: bool,
    /// `$top` above 500 with `signInActivity` is an error; otherwise the page is cut.
    pub refuse_large_sign_in_pages: bool,
    /// Removing a member of a dynamic group answers 403; otherwise 400.
    pub dynamic_group_403: bool,
    /// An expired delta token answers 400 `syncStateNotFound`; otherwise 410 with a Location.
    pub delta_expired_400: bool,
    /// An expired page token answers this many hours after it was made.
    pub page_token_hours: i64,
    /// Report functions answer a 403 with the doubly encoded body although `Reports.Read.All` is granted.
    pub refuse_reports: bool,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            premium: true,
            conceal_names: false,
            read_lag_ms: 1000,
            group_delay_ms: 1000,
            sign_in_lag_hours: 6,
            report_lag_days: 2,
            report_bom: true,
            refuse_large_sign_in_pages: false,
            dynamic_group_403: false,
            delta_expired_400: false,
            page_token_hours: 8,
            refuse_reports: false,
        }
    }
}
