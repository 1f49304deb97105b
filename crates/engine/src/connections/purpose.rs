//! What a connection is for.

use std::fmt;
use std::str::FromStr;

use reseat_domain::permission::Work;

use crate::task::Task;

/// What a connection is for. Each purpose may be an app registration of its own, so that what reads cannot write.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Purpose {
    /// Reads the tenant.
    Reader,
    /// Changes licenses.
    Writer,
    /// Sends mail.
    Mailer,
}

/// Not a purpose.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("a connection is for reader, writer or mailer, not for {0:?}")]
pub struct UnknownPurpose(String);

impl Purpose {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Reader, Self::Writer, Self::Mailer];

    /// The word in the database, REST, the configuration and the command line.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Reader => "reader",
            Self::Writer => "writer",
            Self::Mailer => "mailer",
        }
    }

    /// What it is used for; a consent asks for exactly that.
    pub const fn works(self) -> &'static [Work] {
        match self {
            Self::Reader => &[
                Work::ApplicationRoster,
                Work::ApplicationAccess,
                Work::LicenseDifferentiation,
                Work::LicenseInformation,
            ],
            Self::Writer => &[Work::Reclamation],
            Self::Mailer => &[Work::Mail],
        }
    }

    /// The connection a task goes through; none for what comes from elsewhere.
    pub const fn of_task(task: Task) -> Option<Self> {
        match task {
            Task::ApplicationRoster
            | Task::ApplicationAccess
            | Task::LicenseDifferentiation
            | Task::LicenseInformation => Some(Self::Reader),
            Task::Reclamation => Some(Self::Writer),
            Task::HrRoster => None,
        }
    }
}

impl fmt::Display for Purpose {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl FromStr for Purpose {
    type Err = UnknownPurpose;

    fn from_str(text: &str) -> Result<Self, UnknownPurpose> {
        let unknown = || UnknownPurpose(text.chars().take(60).collect());
        Self::ALL.into_iter().find(|purpose| purpose.as_str() == text).ok_or_else(unknown)
    }
}
