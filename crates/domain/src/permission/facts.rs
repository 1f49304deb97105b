//! The table itself: graph-facts 0.1 and 0.2.

use super::{Access, Capability, DirectoryRole, Need, Work};

const fn must(capability: Capability) -> Need {
    Need { capability, required: true }
}

const fn may(capability: Capability) -> Need {
    Need { capability, required: false }
}

/// People and license types are indispensable; every other source that cannot be read is a missing
/// signal and stops nothing but itself.
pub(super) const fn needs(work: Work) -> &'static [Need] {
    match work {
        Work::ApplicationRoster => {
            const {
                &[
                    must(Capability::People),
                    may(Capability::Groups),
                    may(Capability::LeaveDate),
                    may(Capability::MailboxFacts),
                ]
            }
        }
        Work::ApplicationAccess => {
            const { &[must(Capability::Reports), may(Capability::SignInDates), may(Capability::ConcealmentSwitch)] }
        }
        Work::LicenseDifferentiation => const { &[must(Capability::People), must(Capability::Skus)] },
        Work::LicenseInformation => const { &[must(Capability::Skus), may(Capability::Subscriptions)] },
        Work::Reclamation => const { &[must(Capability::LicenseWrite)] },
        Work::GroupRemoval => const { &[must(Capability::MembershipWrite)] },
        Work::Reprocess => const { &[must(Capability::ReprocessWrite)] },
        Work::Mail => const { &[must(Capability::MailSend)] },
    }
}

/// Application and delegated permissions share their names, with one exception below.
pub(super) const fn least(capability: Capability, access: Access) -> Option<&'static str> {
    let name = match capability {
        // 9#30: less is enough for names, not for licenses.
        Capability::People => "User.Read.All",
        Capability::SignInDates => "AuditLog.Read.All",
        Capability::LeaveDate => "User-LifeCycleInfo.Read.All",
        Capability::MailboxFacts => match access {
            Access::Application => "MailboxSettings.Read",
            // For a person it opens that person's own mailbox settings and nobody else's.
            Access::Delegated => return None,
        },
        Capability::Groups => "GroupMember.Read.All",
        // 9#31: older pages ask for Organization.Read.All.
        Capability::Skus => "LicenseAssignment.Read.All",
        Capability::Subscriptions => "Organization.Read.All",
        Capability::Reports => "Reports.Read.All",
        // 9#24: Reports.Read.All does not open it.
        Capability::ConcealmentSwitch => "ReportSettings.Read.All",
        // 9#32, X8: older pages and both seeds ask for User.ReadWrite.All.
        Capability::LicenseWrite => "LicenseAssignment.ReadWrite.All",
        Capability::MembershipWrite => "GroupMember.ReadWrite.All",
        Capability::ReprocessWrite => "User.ReadWrite.All",
        Capability::MailSend => "Mail.Send",
    };
    Some(name)
}

pub(super) const fn broader(capability: Capability) -> &'static [&'static str] {
    match capability {
        Capability::People => &["User.ReadWrite.All", "Directory.Read.All", "Directory.ReadWrite.All"],
        Capability::LeaveDate => &["User-LifeCycleInfo.ReadWrite.All"],
        Capability::MailboxFacts => &["MailboxSettings.ReadWrite"],
        Capability::Groups => &[
            "Group.Read.All",
            "GroupMember.ReadWrite.All",
            "Group.ReadWrite.All",
            "Directory.Read.All",
            "Directory.ReadWrite.All",
        ],
        Capability::Skus => &[
            "Organization.Read.All",
            "LicenseAssignment.ReadWrite.All",
            "Organization.ReadWrite.All",
            "Directory.Read.All",
            "Directory.ReadWrite.All",
        ],
        Capability::Subscriptions => &["Organization.ReadWrite.All", "Directory.Read.All", "Directory.ReadWrite.All"],
        Capability::ConcealmentSwitch => &["ReportSettings.ReadWrite.All"],
        Capability::LicenseWrite => &["User.ReadWrite.All", "Directory.ReadWrite.All"],
        Capability::MembershipWrite => &["Group.ReadWrite.All", "Directory.ReadWrite.All"],
        Capability::ReprocessWrite => &["Directory.ReadWrite.All"],
        // The directory-wide grants replace none of these (0.1).
        Capability::SignInDates | Capability::Reports | Capability::MailSend => &[],
    }
}

/// Permissions that reach far beyond licenses: with one of them, whoever gets hold of the credential
/// can rewrite the directory. Accepted in a demo, named for a live tenant.
pub(super) const TOO_BROAD: &[&str] = &[
    "Directory.ReadWrite.All",
    "Directory.AccessAsUser.All",
    "RoleManagement.ReadWrite.Directory",
    "Application.ReadWrite.All",
    "AppRoleAssignment.ReadWrite.All",
];

/// What sign-in itself brings along; not a right over the tenant.
pub(super) const OF_SIGN_IN: &[&str] = &["openid", "profile", "email", "offline_access", "User.Read"];

/// A Global Administrator has all of it.
pub(super) const fn roles(capability: Capability) -> &'static [DirectoryRole] {
    match capability {
        // Global Reader and Usage Summary Reports Reader never get names, so they do not count.
        Capability::Reports | Capability::ConcealmentSwitch => &[
            DirectoryRole::ReportsReader,
            DirectoryRole::ExchangeAdministrator,
            DirectoryRole::SharePointAdministrator,
            DirectoryRole::SkypeForBusinessAdministrator,
            DirectoryRole::TeamsAdministrator,
            DirectoryRole::TeamsCommunicationsAdministrator,
            DirectoryRole::GlobalAdministrator,
        ],
        // entra-docs, licensing-monitoring-health: the roles for sign-in data.
        Capability::SignInDates => &[
            DirectoryRole::ReportsReader,
            DirectoryRole::SecurityReader,
            DirectoryRole::SecurityAdministrator,
            DirectoryRole::GlobalReader,
            DirectoryRole::GlobalAdministrator,
        ],
        Capability::LicenseWrite | Capability::ReprocessWrite => &[
            DirectoryRole::LicenseAdministrator,
            DirectoryRole::UserAdministrator,
            DirectoryRole::DirectoryWriters,
            DirectoryRole::GlobalAdministrator,
        ],
        Capability::MembershipWrite => &[
            DirectoryRole::GroupsAdministrator,
            DirectoryRole::UserAdministrator,
            DirectoryRole::DirectoryWriters,
            DirectoryRole::GlobalAdministrator,
        ],
        // Every member of a tenant may read these; for skus Microsoft's list of roles is not known.
        Capability::People
        | Capability::LeaveDate
        | Capability::MailboxFacts
        | Capability::Groups
        | Capability::Skus
        | Capability::Subscriptions
        | Capability::MailSend => &[],
    }
}
