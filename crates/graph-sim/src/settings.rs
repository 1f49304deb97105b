//! Switches of the tenant. Where public material leaves a fact open, both readings are here.

use crate::cloud::Cloud;
use serde::{Deserialize, Serialize};

/// How Graph refuses `employeeLeaveDateTime` to a caller without its permission: nobody documents it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum LeaveDate {
    /// 403 for the whole request.
    Forbidden,
    /// 400 for the whole request.
    BadRequest,
    /// The property is null.
    Null,
}

/// What happens where two readings of Microsoft's documentation are possible. Numbers in brackets are sections of
/// the facts the simulator is built from; "9#n" is a row of their table of contradictions.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Settings {
    /// The cloud the tenant lives in (1.1): names, issuer and audience of its tokens, and what it offers.
    pub cloud: Cloud,
    /// A client at another cloud's authority is told AADSTS900382 (1.1); otherwise AADSTS90002.
    pub wrong_cloud_redirects: bool,
    /// Access tokens cannot be read by clients (1.2).
    pub opaque_tokens: bool,
    /// Token answers carry `ext_expires_in` (1.2).
    pub token_ext_expires_in: bool,
    /// Seconds a client assertion's clock may be off (1.3).
    pub assertion_skew_s: i64,
    /// The AADSTS number for an assertion out of time (1.3): 700024 or 50013.
    pub assertion_time_code: u64,
    /// The admin consent page of version 2.0 exists (1.5).
    pub v2_admin_consent: bool,
    /// Simulated milliseconds until a consent reaches new tokens (1.5).
    pub consent_delay_ms: i64,
    /// An unknown client id answers 401 (1.6); otherwise 400.
    pub unknown_app_401: bool,
    /// AADSTS65001 carries `suberror` (1.6).
    pub consent_suberror: bool,
    /// Every token request is refused with this AADSTS number of 1.6, as a policy of the tenant would.
    pub token_refusal: Option<u64>,
    /// Policy refusals (MFA, Conditional Access) say `invalid_grant` (1.6); otherwise `interaction_required`.
    pub policy_invalid_grant: bool,
    /// AADSTS90055 answers 429 (1.6); otherwise 400.
    pub tenant_throttled_429: bool,
    /// Graph asks for a token that answers a claims challenge (1.7).
    pub claims_challenge: bool,

    /// Entra ID P1 or better: without it `signInActivity` is refused (1.7).
    pub premium: bool,
    /// One in so many requests with sign-ins is refused as if there were no premium (9#3); 0 is never.
    pub premium_error_every: u64,
    /// Users a page with sign-ins may hold (9#1): 100, 120, 500 or 999.
    pub sign_in_page_size: u64,
    /// `$top` above that is an error; otherwise the page is cut (2.1).
    pub refuse_large_sign_in_pages: bool,
    /// Some `signInActivity` come back empty on big pages with `ConsistencyLevel` and `$count` (9#2).
    pub empty_sign_ins_on_big_pages: bool,
    /// `signInActivity` of one person works by object id only (2.4).
    pub sign_in_by_id_only: bool,
    /// Hours a sign-in takes to appear in `signInActivity` (2.4).
    pub sign_in_lag_hours: i64,
    /// How `employeeLeaveDateTime` is refused (2.2).
    pub leave_date_refusal: LeaveDate,
    /// `assignedLicenses/any(…)` works without advanced parameters (2.2).
    pub any_license_filter: bool,
    /// An expired page token answers 410 (2.1); otherwise 400.
    pub expired_page_410: bool,
    /// Hours a page token lives.
    pub page_token_hours: i64,
    /// A page of users now and then holds no rows and still leads on (2.1).
    pub empty_pages: bool,
    /// States without an error say `None` (2.3); otherwise null.
    pub state_error_none: bool,

    /// An expired delta token answers 400 `syncStateNotFound`; otherwise 410 with a Location (2.5).
    pub delta_expired_400: bool,
    /// Delta follows `assignedLicenses` (2.5).
    pub delta_tracks_licenses: bool,
    /// Delta repeats rows, replays old ones and inserts empty pages (2.5).
    pub delta_replays: bool,

    /// Read-after-write lag of licenses, in simulated milliseconds (4.1).
    pub read_lag_ms: i64,
    /// How long `consumedUnits` stays behind, in simulated milliseconds (3.1).
    pub consumed_lag_ms: i64,
    /// How long licenses take to follow a membership, in simulated milliseconds (4.4).
    pub group_delay_ms: i64,
    /// Whoever leaves a licensed group keeps the license in `ActiveWithError` until it is reprocessed (9#15).
    pub leaving_sticks: bool,
    /// Members of a group within a licensed group inherit, too (2.6).
    pub nested_licenses: bool,
    /// Assigning a license already held succeeds (4.1); otherwise it is an error.
    pub assign_held_succeeds: bool,
    /// Assigning again replaces the plans that are off (4.1); otherwise they are kept.
    pub assign_replaces_plans: bool,
    /// More licenses than there are seats may be assigned (3.3).
    pub over_assignment: bool,
    /// One in so many license writes meets a concurrent change: 409 (4.1); 0 is never.
    pub conflict_every: u64,
    /// The first license added to a person is refused for its usage location although there is one (9#18).
    pub usage_location_hiccup: bool,
    /// A removed license comes back after so many simulated milliseconds, as auto-claim policies do; 0 is never.
    pub auto_claim_after_ms: i64,
    /// License changes rewrite mail addresses (9#37).
    pub licenses_rewrite_mail: bool,
    /// Deleting a licensed group or leaving it turns the license into a direct one (9#35); otherwise it is lost.
    pub inherited_becomes_direct: bool,
    /// Removing a member of a dynamic group answers 403; otherwise 400 (4.4).
    pub dynamic_group_403: bool,
    /// `assignedLicenses` of groups need `Group.Read.All` (2.6).
    pub group_licenses_need_group_read: bool,
    /// `subscribedSkus` need a directory role in delegated calls (0.2).
    pub skus_need_role: bool,

    /// Names in usage reports are replaced by 32 hex digits (5.3).
    pub conceal_names: bool,
    /// Simulated milliseconds until a change of that switch shows in reports (5.3).
    pub conceal_delay_ms: i64,
    /// Pseudonyms stay the same from pull to pull (5.3).
    pub stable_pseudonyms: bool,
    /// Days usage reports lag behind.
    pub report_lag_days: i64,
    /// Reports start with a byte order mark (5.1).
    pub report_bom: bool,
    /// JSON reports write days as moments (9#21).
    pub report_days_as_moments: bool,
    /// The mailbox report has a `Recipient Type` column (5.2).
    pub mailbox_recipient_type: bool,
    /// The mailbox report lacks `Deleted Item Quota (Byte)` and `Has Archive` (9#23).
    pub mailbox_short: bool,
    /// Durations of the Teams report are ISO 8601 (5.2); otherwise plain seconds.
    pub teams_iso_durations: bool,
    /// Version 2 of the Copilot report has its new columns (9#39).
    pub copilot_v2: bool,
    /// Report functions answer a 403 with the doubly encoded body although `Reports.Read.All` is granted (9#24).
    pub refuse_reports: bool,
    /// Reports may be asked for inside a batch (6.5).
    pub reports_in_batch: bool,

    /// Requests with sign-ins a minute, with `--throttle on`.
    pub sign_ins_per_minute: u64,
    /// Of a thousand Graph requests, how many get an early 429 without `Retry-After` (6.1).
    pub early_429_per_mille: u64,
    /// 429s of full windows come without `Retry-After` (6.3).
    pub hide_retry_after: bool,
    /// The percentage header is sent from 0.8 of a limit on (6.3, 9#40).
    pub throttle_percentage: bool,
    /// 429s say `Request_ThrottledTemporarily` (4.1); otherwise `TooManyRequests`.
    pub throttled_temporarily: bool,
    /// Sending is limited to one mailbox's rights: this object id alone may send (7.1).
    pub only_sender: Option<String>,
    /// Answers are compressed where the client accepts it.
    pub gzip: bool,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            cloud: Cloud::Global,
            wrong_cloud_redirects: false,
            opaque_tokens: false,
            token_ext_expires_in: true,
            assertion_skew_s: 300,
            assertion_time_code: 700_024,
            v2_admin_consent: true,
            consent_delay_ms: 0,
            unknown_app_401: false,
            consent_suberror: true,
            token_refusal: None,
            policy_invalid_grant: false,
            tenant_throttled_429: true,
            claims_challenge: false,
            premium: true,
            premium_error_every: 0,
            sign_in_page_size: 500,
            refuse_large_sign_in_pages: false,
            empty_sign_ins_on_big_pages: false,
            sign_in_by_id_only: true,
            sign_in_lag_hours: 6,
            leave_date_refusal: LeaveDate::Forbidden,
            any_license_filter: true,
            expired_page_410: false,
            page_token_hours: 8,
            empty_pages: false,
            state_error_none: true,
            delta_expired_400: false,
            delta_tracks_licenses: true,
            delta_replays: false,
            read_lag_ms: 1000,
            consumed_lag_ms: 0,
            group_delay_ms: 1000,
            leaving_sticks: false,
            nested_licenses: false,
            assign_held_succeeds: true,
            assign_replaces_plans: true,
            over_assignment: false,
            conflict_every: 0,
            usage_location_hiccup: false,
            auto_claim_after_ms: 0,
            licenses_rewrite_mail: false,
            inherited_becomes_direct: false,
            dynamic_group_403: false,
            group_licenses_need_group_read: false,
            skus_need_role: false,
            conceal_names: false,
            conceal_delay_ms: 0,
            stable_pseudonyms: false,
            report_lag_days: 2,
            report_bom: true,
            report_days_as_moments: false,
            mailbox_recipient_type: false,
            mailbox_short: false,
            teams_iso_durations: true,
            copilot_v2: false,
            refuse_reports: false,
            reports_in_batch: true,
            sign_ins_per_minute: 10,
            early_429_per_mille: 0,
            hide_retry_after: false,
            throttle_percentage: true,
            throttled_temporarily: false,
            only_sender: None,
            gzip: true,
        }
    }
}
