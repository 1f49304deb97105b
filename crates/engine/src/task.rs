//! The integration tasks of a connection.

use std::str::FromStr;

/// A job of a connection that can be enabled.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Task {
    /// People, their accounts, their licenses with every path (F31).
    ApplicationRoster,
    /// Last activity by service and sign-in dates (F32).
    ApplicationAccess,
    /// People by license type (F34); follows from the roster.
    LicenseDifferentiation,
    /// License types and purchased quantities, every 24 hours (F35).
    LicenseInformation,
    /// Taking seats back (F12 to F15); off until somebody enables it.
    Reclamation,
    /// The HR roster.
    HrRoster,
}

impl Task {
    /// All, in the order in which due ones run: a roster is matched against people.
    pub const ALL: [Self; 6] = [
        Self::LicenseInformation,
        Self::ApplicationRoster,
        Self::HrRoster,
        Self::ApplicationAccess,
        Self::LicenseDifferentiation,
        Self::Reclamation,
    ];

    /// The word in the database, REST and the command line.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::ApplicationRoster => "application_roster",
            Self::ApplicationAccess => "application_access",
            Self::LicenseDifferentiation => "license_differentiation",
            Self::LicenseInformation => "license_information",
            Self::Reclamation => "reclamation",
            Self::HrRoster => "hr_roster",
        }
    }

    /// Its name as people see it.
    pub const fn label(self) -> &'static str {
        match self {
            Self::ApplicationRoster => "Application Roster",
            Self::ApplicationAccess => "Application Access",
            Self::LicenseDifferentiation => "License Differentiation",
            Self::LicenseInformation => "License Information",
            Self::Reclamation => "Reclamation",
            Self::HrRoster => "HR Roster",
        }
    }

    /// Whether the task reads something on a schedule of its own.
    pub const fn reads(self) -> bool {
        match self {
            Self::ApplicationRoster | Self::ApplicationAccess | Self::LicenseInformation | Self::HrRoster => true,
            Self::LicenseDifferentiation | Self::Reclamation => false,
        }
    }
}

/// Not a task.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("there is no integration task {0:?}")]
pub struct UnknownTask(String);

impl FromStr for Task {
    type Err = UnknownTask;

    fn from_str(text: &str) -> Result<Self, UnknownTask> {
        Self::ALL
            .into_iter()
            .find(|task| task.as_str() == text)
            .ok_or_else(|| UnknownTask(text.chars().take(60).collect()))
    }
}
