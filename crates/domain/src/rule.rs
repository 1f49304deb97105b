//! A reclamation rule: which signals it asks for, how long is idle, how old a source may be.

use serde::{Deserialize, Serialize};

use crate::directory::words;
use crate::ids::RuleId;

/// Why a seat can be taken back.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Justification {
    /// Employment ended (F2).
    Leaver,
    /// The account is disabled.
    DisabledAccount,
    /// Not in the HR roster at all; only a person can tell.
    NotInRoster,
    /// Never used since it is held (F3).
    NeverUsed,
    /// Used once, not within the threshold (F4).
    Inactive,
    /// Another held sku already covers it.
    Overlapping,
    /// A smaller sku covers what is used.
    Downgrade,
    /// One sku covers several held ones.
    Consolidate,
    /// A shared mailbox that needs no license.
    SharedMailbox,
    /// A person asked for it.
    Manual,
}
words!(Justification {
    Leaver => "leaver",
    DisabledAccount => "disabled_account",
    NotInRoster => "not_in_roster",
    NeverUsed => "never_used",
    Inactive => "inactive",
    Overlapping => "overlapping",
    Downgrade => "downgrade",
    Consolidate => "consolidate",
    SharedMailbox => "shared_mailbox",
    Manual => "manual",
});

/// Which signals of use a rule requires. Chosen once by what the tenant can deliver, changed only
/// by a person: losing a source later makes seats insufficient, never weakens the rule.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum UseSignals {
    /// The successful sign-in and every service the sku licenses (Entra P1).
    SignInAndServices,
    /// Every service the sku licenses, over two refreshes (without Entra P1).
    ServicesOverTwoRefreshes,
}
words!(UseSignals {
    SignInAndServices => "sign_in_and_services",
    ServicesOverTwoRefreshes => "services_over_two_refreshes",
});

/// Which vendor's defaults a rule started from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Preset {
    /// The safe one.
    Reseat,
    /// Flexera One's.
    Flexera,
    /// ServiceNow's.
    ServiceNow,
    /// A certification guide's.
    Certification,
}
words!(Preset {
    Reseat => "reseat",
    Flexera => "flexera",
    ServiceNow => "servicenow",
    Certification => "certification",
});

/// What a rule does with what it finds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Mode {
    /// Findings only.
    ReportOnly,
    /// Findings that a person can start.
    Propose,
    /// Findings become candidates and travel by themselves.
    Automatic,
}
words!(Mode { ReportOnly => "report_only", Propose => "propose", Automatic => "automatic" });

/// How old each source may be, in hours, before its signal counts as stale.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct FreshnessLimits {
    /// People, accounts, license paths.
    pub directory: u32,
    /// Sign-in dates.
    pub sign_ins: u32,
    /// The usage report, by its own refresh date (U6).
    pub usage_report: u32,
    /// The HR roster.
    pub roster: u32,
}

impl Default for FreshnessLimits {
    /// 48 hours, 72 hours, 5 days, 7 days.
    fn default() -> Self {
        Self { directory: 48, sign_ins: 72, usage_report: 120, roster: 168 }
    }
}

/// A reclamation rule, bound to a version: a run that began under one version ends under it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Rule {
    /// Its id.
    pub id: RuleId,
    /// Shown name.
    pub name: String,
    /// Counts up with each change.
    pub version: u32,
    /// Where its defaults came from.
    pub preset: Preset,
    /// Whole days without use that make an enabled account's seat idle, 1 to 730.
    pub threshold_days: u16,
    /// Days after assignment, and after an account was made, in which a seat is left alone.
    pub grace_days: u16,
    /// Which signals of use must all be there.
    pub use_signals: UseSignals,
    /// How old a source may be.
    pub limits: FreshnessLimits,
    /// What it does with what it finds.
    pub mode: Mode,
}

impl Rule {
    /// The safe preset of `reseat`: 90 days with sign-in data, 180 without, 30 days of grace.
    pub fn reseat_preset(id: RuleId, use_signals: UseSignals) -> Self {
        let threshold_days = match use_signals {
            UseSignals::SignInAndServices => 90,
            UseSignals::ServicesOverTwoRefreshes => 180,
        };
        Self {
            id,
            name: "Unused seats".to_owned(),
            version: 1,
            preset: Preset::Reseat,
            threshold_days,
            grace_days: 30,
            use_signals,
            limits: FreshnessLimits::default(),
            mode: Mode::Propose,
        }
    }
}
