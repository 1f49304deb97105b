//! The dated signals about a seat, frozen with every finding: what was known, from where, how old.

use serde::{Deserialize, Serialize};

use crate::directory::{Service, words};
use crate::time::Timestamp;

/// A kind of signal.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Signal {
    /// Last successful sign-in.
    SignIn,
    /// Last mail activity.
    Exchange,
    /// Last OneDrive activity.
    OneDrive,
    /// Last SharePoint activity.
    SharePoint,
    /// Last Skype for Business activity.
    SkypeForBusiness,
    /// Last Yammer activity.
    Yammer,
    /// Last Teams activity.
    Teams,
    /// Last activity in Microsoft 365 Apps.
    Apps,
    /// Last Copilot activity.
    Copilot,
    /// What the license contains, as the tenant's list of license types says.
    ServicePlans,
    /// What the HR roster says.
    EmploymentStatus,
    /// Whether sign-in is allowed.
    AccountState,
    /// How long the license is held.
    LicenseAge,
    /// How long the account exists.
    AccountAge,
}
words!(Signal {
    SignIn => "sign_in",
    Exchange => "exchange",
    OneDrive => "onedrive",
    SharePoint => "sharepoint",
    SkypeForBusiness => "skype_for_business",
    Yammer => "yammer",
    Teams => "teams",
    Apps => "apps",
    Copilot => "copilot",
    ServicePlans => "service_plans",
    EmploymentStatus => "employment_status",
    AccountState => "account_state",
    LicenseAge => "license_age",
    AccountAge => "account_age",
});

impl Signal {
    /// Whether the signal is about use, rather than about the person, the account or the license.
    pub const fn is_use(self) -> bool {
        match self {
            Self::SignIn
            | Self::Exchange
            | Self::OneDrive
            | Self::SharePoint
            | Self::SkypeForBusiness
            | Self::Yammer
            | Self::Teams
            | Self::Apps
            | Self::Copilot => true,
            Self::ServicePlans | Self::EmploymentStatus | Self::AccountState | Self::LicenseAge | Self::AccountAge => {
                false
            }
        }
    }
}

impl From<Service> for Signal {
    fn from(service: Service) -> Self {
        match service {
            Service::Exchange => Self::Exchange,
            Service::OneDrive => Self::OneDrive,
            Service::SharePoint => Self::SharePoint,
            Service::SkypeForBusiness => Self::SkypeForBusiness,
            Service::Yammer => Self::Yammer,
            Service::Teams => Self::Teams,
            Service::Apps => Self::Apps,
            Service::Copilot => Self::Copilot,
        }
    }
}

/// What a signal says.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum SignalStatus {
    /// Present, fresh, and does not speak for keeping the seat.
    Idle,
    /// Present, fresh, and speaks for keeping the seat.
    InUse,
    /// Not there.
    Missing,
    /// There, and older than its limit.
    Stale,
    /// There under a pseudonym.
    Concealed,
}
words!(SignalStatus {
    Idle => "idle",
    InUse => "in_use",
    Missing => "missing",
    Stale => "stale",
    Concealed => "concealed",
});

/// One signal as it stood when a finding was made.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Evidence {
    /// Which signal.
    pub signal: Signal,
    /// What it said, for a person to read; `None` when it was not there.
    pub value: Option<String>,
    /// Where it came from.
    pub source: String,
    /// Up to when the source knew.
    pub as_of: Option<Timestamp>,
    /// What it says about the seat.
    pub status: SignalStatus,
    /// Why, where the status alone does not tell.
    pub note: Option<String>,
    /// How old the source may be, in hours.
    pub limit_hours: Option<u32>,
}

/// A signal as the store read it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Reading<T> {
    /// There.
    Present {
        /// What it says.
        value: T,
        /// Up to when the source knew.
        as_of: Timestamp,
    },
    /// Not there, and why.
    Missing(String),
    /// The source hides who is who.
    Concealed,
}

impl<T> Reading<T> {
    /// Not there, and why.
    pub fn missing(why: impl Into<String>) -> Self {
        Self::Missing(why.into())
    }
}
