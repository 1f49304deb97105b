//! The built-in directory roles of Microsoft Entra that matter here. They are Microsoft's, and no
//! roles of Reseat (F41).

use uuid::{Uuid, uuid};

/// A built-in directory role. Its template id is the same in every tenant; the ids and names are
/// those of Microsoft's page of built-in roles (entra-docs, permissions-reference).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum DirectoryRole {
    /// May do everything; older pages call it Company Administrator.
    GlobalAdministrator,
    /// Reads what a Global Administrator sees.
    GlobalReader,
    /// Licenses of people and groups.
    LicenseAdministrator,
    /// People and groups.
    UserAdministrator,
    /// Groups.
    GroupsAdministrator,
    /// Basic directory data; meant for applications.
    DirectoryWriters,
    /// Reports with names.
    ReportsReader,
    /// Reports without names.
    UsageSummaryReportsReader,
    /// Exchange.
    ExchangeAdministrator,
    /// SharePoint.
    SharePointAdministrator,
    /// Teams.
    TeamsAdministrator,
    /// Calling and meetings.
    TeamsCommunicationsAdministrator,
    /// Skype for Business; older pages call it Lync Administrator.
    SkypeForBusinessAdministrator,
    /// Security settings and sign-in reports.
    SecurityAdministrator,
    /// Sign-in reports.
    SecurityReader,
}

impl DirectoryRole {
    /// All of them.
    pub const ALL: [Self; 15] = [
        Self::GlobalAdministrator,
        Self::GlobalReader,
        Self::LicenseAdministrator,
        Self::UserAdministrator,
        Self::GroupsAdministrator,
        Self::DirectoryWriters,
        Self::ReportsReader,
        Self::UsageSummaryReportsReader,
        Self::ExchangeAdministrator,
        Self::SharePointAdministrator,
        Self::TeamsAdministrator,
        Self::TeamsCommunicationsAdministrator,
        Self::SkypeForBusinessAdministrator,
        Self::SecurityAdministrator,
        Self::SecurityReader,
    ];

    /// The name Microsoft shows.
    pub const fn name(self) -> &'static str {
        match self {
            Self::GlobalAdministrator => "Global Administrator",
            Self::GlobalReader => "Global Reader",
            Self::LicenseAdministrator => "License Administrator",
            Self::UserAdministrator => "User Administrator",
            Self::GroupsAdministrator => "Groups Administrator",
            Self::DirectoryWriters => "Directory Writers",
            Self::ReportsReader => "Reports Reader",
            Self::UsageSummaryReportsReader => "Usage Summary Reports Reader",
            Self::ExchangeAdministrator => "Exchange Administrator",
            Self::SharePointAdministrator => "SharePoint Administrator",
            Self::TeamsAdministrator => "Teams Administrator",
            Self::TeamsCommunicationsAdministrator => "Teams Communications Administrator",
            Self::SkypeForBusinessAdministrator => "Skype for Business Administrator",
            Self::SecurityAdministrator => "Security Administrator",
            Self::SecurityReader => "Security Reader",
        }
    }

    /// The id in a token's `wids` claim.
    pub const fn template_id(self) -> Uuid {
        match self {
            Self::GlobalAdministrator => uuid!("62e90394-69f5-4237-9190-012177145e10"),
            Self::GlobalReader => uuid!("f2ef992c-3afb-46b9-b7cf-a126ee74c451"),
            Self::LicenseAdministrator => uuid!("4d6ac14f-3453-41d0-bef9-a3e0c569773a"),
            Self::UserAdministrator => uuid!("fe930be7-5e62-47db-91af-98c3a49a38b1"),
            Self::GroupsAdministrator => uuid!("fdd7a751-b60b-444a-984c-02652fe8fa1c"),
            Self::DirectoryWriters => uuid!("9360feb5-f418-4baa-8175-e2a00bac4301"),
            Self::ReportsReader => uuid!("4a5d8f65-41da-4de4-8968-e035b65339cf"),
            Self::UsageSummaryReportsReader => uuid!("75934031-6c7e-415a-99d7-48dbd49e875e"),
            Self::ExchangeAdministrator => uuid!("29232cdf-9323-42fd-ade2-1d097af3e4de"),
            Self::SharePointAdministrator => uuid!("f28a1f50-f6e7-4571-818b-6a12f2af6b6c"),
            Self::TeamsAdministrator => uuid!("69091246-20e8-4a56-aa4d-066075b2a7a8"),
            Self::TeamsCommunicationsAdministrator => uuid!("baf37b3a-610e-45da-9e62-d9d1e5e8914b"),
            Self::SkypeForBusinessAdministrator => uuid!("75941009-915a-4869-abe7-691bff18279e"),
            Self::SecurityAdministrator => uuid!("194ae4cb-b126-40b2-bd5b-6091b380977d"),
            Self::SecurityReader => uuid!("5d6b6bb7-de71-4623-b4af-96380a352509"),
        }
    }

    /// The role with this template id, if it is one that matters here.
    pub fn of_template(id: Uuid) -> Option<Self> {
        Self::ALL.into_iter().find(|role| role.template_id() == id)
    }
}
