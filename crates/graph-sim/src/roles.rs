//! Directory roles: what a signed-in person may do beside the scopes an app was given.

use crate::errors::GraphError;
use uuid::{Uuid, uuid};

/// A built-in role.
#[derive(Debug, PartialEq, Eq)]
pub struct Role {
    pub name: &'static str,
    /// `roleTemplateId`, the same in every tenant; what `wids` lists.
    pub template: Uuid,
}

const fn role(name: &'static str, template: Uuid) -> Role {
    Role { name, template }
}

/// The roles of the simulated tenant.
pub static ROLES: [Role; 16] = [
    role("Global Administrator", uuid!("62e90394-69f5-4237-9190-012177145e10")),
    role("License Administrator", uuid!("4d6ac14f-3453-41d0-bef9-a3e0c569773a")),
    role("User Administrator", uuid!("fe930be7-5e62-47db-91af-98c3a49a38b1")),
    role("Directory Writers", uuid!("9360feb5-f418-4baa-8175-e2a00bac4301")),
    role("Directory Readers", uuid!("88d8e3e3-8f55-4a1e-953a-9b9898b8876b")),
    role("Groups Administrator", uuid!("fdd7a751-b60b-444a-984c-02652fe8fa1c")),
    role("Reports Reader", uuid!("4a5d8f65-41da-4de4-8968-e035b65339cf")),
    role("Usage Summary Reports Reader", uuid!("75934031-6c7e-415a-99d7-48dbd49e875e")),
    role("Global Reader", uuid!("f2ef992c-3afb-46b9-b7cf-a126ee74c451")),
    role("Exchange Administrator", uuid!("29232cdf-9323-42fd-ade2-1d097af3e4de")),
    role("SharePoint Administrator", uuid!("f28a1f50-f6e7-4571-818b-6a12f2af6b6c")),
    role("Teams Administrator", uuid!("69091246-20e8-4a56-aa4d-066075b2a7a8")),
    role("Teams Communications Administrator", uuid!("baf37b3a-610e-45da-9e62-d9d1e5e8914b")),
    role("Skype for Business Administrator", uuid!("75941009-915a-4869-abe7-691bff18279e")),
    role("Privileged Role Administrator", uuid!("e8611ab8-c189-46e8-94e1-60213ab1f814")),
    role("Security Reader", uuid!("5d6b6bb7-de71-4623-b4af-96380a352509")),
];

/// What `wids` lists for a member without a role, and for a guest.
pub const PLAIN_MEMBER: Uuid = uuid!("b79fbf4d-3ef9-4689-8143-76b194e85509");
pub const PLAIN_GUEST: Uuid = uuid!("10dae51f-b6af-4016-8d66-8c2a99b929b3");

/// Who may change people's licenses (0.2).
pub const ASSIGN: &[&str] = &["Directory Writers", "License Administrator", "User Administrator"];
/// Who may change groups' licenses (0.2).
pub const ASSIGN_GROUP: &[&str] =
    &["Directory Writers", "Groups Administrator", "License Administrator", "User Administrator"];
/// Who may reprocess (0.2).
pub const REPROCESS: &[&str] = &["Directory Writers", "License Administrator", "User Administrator"];
/// Who may change memberships.
pub const MEMBERS: &[&str] = &["Directory Writers", "Groups Administrator", "User Administrator"];
/// Who may delete people.
pub const DELETE: &[&str] = &["User Administrator"];
/// Who may read usage reports (0.2).
pub const REPORTS: &[&str] = &[
    "Exchange Administrator",
    "SharePoint Administrator",
    "Skype for Business Administrator",
    "Teams Administrator",
    "Teams Communications Administrator",
    "Global Reader",
    "Usage Summary Reports Reader",
    "Reports Reader",
];
/// Who may see what was bought, where that takes a role (0.2).
pub const READ_SKUS: &[&str] = &[
    "Directory Readers",
    "Directory Writers",
    "Global Reader",
    "License Administrator",
    "User Administrator",
    "Reports Reader",
];
/// Who may read usage reports but never a name in them (0.2).
const NAMELESS: [&str; 2] = ["Global Reader", "Usage Summary Reports Reader"];

/// The role of that name, whatever its case.
pub fn named(name: &str) -> Option<&'static Role> {
    ROLES.iter().find(|role| role.name.eq_ignore_ascii_case(name))
}

/// Roles of the first people, who administer the tenant.
pub fn at_the_epoch(index: u64) -> &'static [&'static str] {
    match index {
        0 => &["Global Administrator"],
        1 => &["License Administrator"],
        5 => &["Reports Reader"],
        10 => &["Global Reader"],
        12 => &["User Administrator", "Groups Administrator"],
        _ => &[],
    }
}

/// Refuses unless a person with these roles may; a Global Administrator may everything.
pub fn needs(roles: &[String], any_of: &[&str]) -> Result<(), GraphError> {
    let allowed = |role: &String| role == "Global Administrator" || any_of.contains(&role.as_str());
    if roles.iter().any(allowed) { Ok(()) } else { Err(GraphError::denied()) }
}

/// Whether reports show a person with these roles no names.
pub fn sees_no_names(roles: &[String]) -> bool {
    let reading: Vec<&String> =
        roles.iter().filter(|role| *role == "Global Administrator" || REPORTS.contains(&role.as_str())).collect();
    !reading.is_empty() && reading.iter().all(|role| NAMELESS.contains(&role.as_str()))
}
