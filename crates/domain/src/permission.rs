//! Which permissions of Microsoft Graph each job needs, and what a connection's grants make of it
//! (F38 to F43, X7, X8).
//!
//! Facts only, and one judgement over them: [`judge`]. What is granted is read elsewhere, from the
//! token or by asking. Sources: graph-facts 0.1 for applications, 0.2 for signed-in people.

mod directory_role;
mod facts;
mod judge;
#[cfg(test)]
mod tests;

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use uuid::Uuid;

pub use directory_role::DirectoryRole;
pub use judge::{Broader, Judgement, Missing, MissingRole, Rights, Satisfied, judge};

/// How a connection acts: as itself, or for the person who signed in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Access {
    /// With the app's own permissions: client secret or certificate.
    Application,
    /// For a signed-in person, who also needs a directory role for some of it.
    Delegated,
}

/// What a connection is used for: an integration task, or a part of one with a consent of its own.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Work {
    /// The task Application Roster (F31).
    ApplicationRoster,
    /// The task Application Access (F32).
    ApplicationAccess,
    /// The task License Differentiation (F34), made from the roster.
    LicenseDifferentiation,
    /// The task License Information (F35).
    LicenseInformation,
    /// The task Reclamation: seats held directly.
    Reclamation,
    /// Reclamation of seats held through a group: the person leaves the group.
    GroupRemoval,
    /// Asking Graph to work a person's licenses out again (9#14, 9#15).
    Reprocess,
    /// Notices by mail.
    Mail,
}

impl Work {
    /// All of it.
    pub const ALL: [Self; 8] = [
        Self::ApplicationRoster,
        Self::ApplicationAccess,
        Self::LicenseDifferentiation,
        Self::LicenseInformation,
        Self::Reclamation,
        Self::GroupRemoval,
        Self::Reprocess,
        Self::Mail,
    ];

    /// The word in the database, REST and the command line; for a task the task's own.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::ApplicationRoster => "application_roster",
            Self::ApplicationAccess => "application_access",
            Self::LicenseDifferentiation => "license_differentiation",
            Self::LicenseInformation => "license_information",
            Self::Reclamation => "reclamation",
            Self::GroupRemoval => "group_removal",
            Self::Reprocess => "reprocess",
            Self::Mail => "mail",
        }
    }

    /// The capabilities it stands on, the indispensable ones first.
    pub const fn needs(self) -> &'static [Need] {
        facts::needs(self)
    }
}

impl fmt::Display for Work {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// One thing that is asked of Graph, and that one permission decides.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Capability {
    /// People, their accounts, licenses and license paths.
    People,
    /// Dates of sign-in.
    SignInDates,
    /// The day a person leaves.
    LeaveDate,
    /// Whether a mailbox is a person's, shared, or a room's.
    MailboxFacts,
    /// Groups that carry licenses, and their kind.
    Groups,
    /// License types and their counts.
    Skus,
    /// Subscriptions with their dates.
    Subscriptions,
    /// Usage reports.
    Reports,
    /// Whether usage reports conceal names.
    ConcealmentSwitch,
    /// Taking and giving licenses held directly.
    LicenseWrite,
    /// Taking a person out of a group.
    MembershipWrite,
    /// Asking for licenses to be worked out again.
    ReprocessWrite,
    /// Sending mail.
    MailSend,
}

impl Capability {
    /// All of them.
    pub const ALL: [Self; 13] = [
        Self::People,
        Self::SignInDates,
        Self::LeaveDate,
        Self::MailboxFacts,
        Self::Groups,
        Self::Skus,
        Self::Subscriptions,
        Self::Reports,
        Self::ConcealmentSwitch,
        Self::LicenseWrite,
        Self::MembershipWrite,
        Self::ReprocessWrite,
        Self::MailSend,
    ];

    /// The word in REST and the command line.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::People => "people",
            Self::SignInDates => "sign_in_dates",
            Self::LeaveDate => "leave_date",
            Self::MailboxFacts => "mailbox_facts",
            Self::Groups => "groups",
            Self::Skus => "skus",
            Self::Subscriptions => "subscriptions",
            Self::Reports => "reports",
            Self::ConcealmentSwitch => "concealment_switch",
            Self::LicenseWrite => "license_write",
            Self::MembershipWrite => "membership_write",
            Self::ReprocessWrite => "reprocess_write",
            Self::MailSend => "mail_send",
        }
    }

    /// What it is, for people.
    pub const fn words(self) -> &'static str {
        match self {
            Self::People => "people with their licenses",
            Self::SignInDates => "sign-in dates",
            Self::LeaveDate => "leave dates",
            Self::MailboxFacts => "kinds of mailboxes",
            Self::Groups => "groups that carry licenses",
            Self::Skus => "license types and counts",
            Self::Subscriptions => "subscriptions with their dates",
            Self::Reports => "usage reports",
            Self::ConcealmentSwitch => "whether reports conceal names",
            Self::LicenseWrite => "taking and giving licenses",
            Self::MembershipWrite => "taking people out of groups",
            Self::ReprocessWrite => "having licenses worked out again",
            Self::MailSend => "sending mail",
        }
    }

    /// The least permission that gives it; `None` where this kind of access cannot have it at all.
    pub const fn least(self, access: Access) -> Option<&'static str> {
        facts::least(self, access)
    }

    /// The broader permissions that give it too.
    pub const fn broader(self) -> &'static [&'static str] {
        facts::broader(self)
    }

    /// The directory roles of which a signed-in person needs one; empty where none is needed, or
    /// none is documented.
    pub const fn roles(self) -> &'static [DirectoryRole] {
        facts::roles(self)
    }
}

impl fmt::Display for Capability {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// One capability a work stands on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Need {
    /// Which.
    pub capability: Capability,
    /// Whether the work stops without it. Otherwise it goes on and a signal is missing.
    pub required: bool,
}

/// What a connection may do, as far as it can be known.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Grants {
    /// Read from the token.
    Token {
        /// As itself or for a person.
        access: Access,
        /// The permissions by name: the token's `roles`, or its `scp`.
        permissions: BTreeSet<String>,
        /// The template ids of the person's directory roles (the token's `wids`), where it has them.
        roles: Option<BTreeSet<Uuid>>,
    },
    /// The token could not be read; found by asking. What was not asked is not in it: a right to
    /// write is never tried out.
    Probed {
        /// As itself or for a person.
        access: Access,
        /// What answered, and what was refused.
        answers: BTreeMap<Capability, bool>,
    },
}

impl Grants {
    /// As itself or for a person.
    pub const fn access(&self) -> Access {
        match self {
            Self::Token { access, .. } | Self::Probed { access, .. } => *access,
        }
    }
}

/// The least permissions for these works, each once, in alphabetical order: what a consent asks for.
pub fn least_for(access: Access, works: &[Work]) -> Vec<&'static str> {
    let needs = works.iter().flat_map(|work| work.needs());
    let least: BTreeSet<&str> = needs.filter_map(|need| need.capability.least(access)).collect();
    least.into_iter().collect()
}
