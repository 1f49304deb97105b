//! The groups of the tenant. Membership at the epoch follows from the seed; what changed lies in the overlay.

use crate::catalogue::{
    COPILOT, EMS, ENTERPRISEPACK, FLOW_FREE, POWER_BI_PRO, SPE_E3, SPE_E5, SPE_F1, SkuIndex, VISIOCLIENT,
};

/// Position of a group in [`GROUPS`].
pub type GroupIndex = usize;

/// What kind of group it is, which decides who may change its membership.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum GroupKind {
    Static,
    Microsoft365,
    Dynamic,
    Synced,
    MailEnabled,
    RoleAssignable,
}

/// A group at the epoch.
#[derive(Debug)]
pub struct Group {
    pub name: &'static str,
    pub kind: GroupKind,
    pub skus: &'static [SkuIndex],
    pub rule: Option<&'static str>,
}

const fn group(name: &'static str, kind: GroupKind, skus: &'static [SkuIndex]) -> Group {
    Group { name, kind, skus, rule: None }
}

pub const E3_STATIC: GroupIndex = 0;
pub const EMS_STATIC: GroupIndex = 1;
pub const E5_DYNAMIC: GroupIndex = 2;
pub const F3_SYNCED: GroupIndex = 3;
pub const O365_MAIL: GroupIndex = 4;
pub const BI_TEAM: GroupIndex = 5;
pub const E5_ADMINS: GroupIndex = 6;
pub const DESIGN_BUNDLE: GroupIndex = 7;
pub const EVERYBODY: GroupIndex = 8;
pub const NESTING: GroupIndex = 9;

/// Every group of every world.
pub static GROUPS: [Group; 10] = [
    group("LIC-M365-E3", GroupKind::Static, &[SPE_E3]),
    group("LIC-EMS", GroupKind::Static, &[EMS]),
    Group {
        name: "DYN-Sales-M365-E5",
        kind: GroupKind::Dynamic,
        skus: &[SPE_E5],
        rule: Some("(user.department -eq \"Sales\")"),
    },
    group("ADSYNC-M365-F3", GroupKind::Synced, &[SPE_F1]),
    group("Office 365 E3 users", GroupKind::MailEnabled, &[ENTERPRISEPACK]),
    group("Analytics Team", GroupKind::Microsoft365, &[POWER_BI_PRO]),
    group("ROLE-Tier0-Admins", GroupKind::RoleAssignable, &[SPE_E5]),
    group("LIC-Design-Bundle", GroupKind::Static, &[VISIOCLIENT, COPILOT]),
    group("All Employees", GroupKind::Static, &[]),
    // Its one member is a group: licenses do not reach the members of that.
    group("LIC-Flow-Nested", GroupKind::Static, &[FLOW_FREE]),
];

/// Groups that are members of a group.
pub fn nested_in(group: GroupIndex) -> &'static [GroupIndex] {
    if group == NESTING { &[DESIGN_BUNDLE] } else { &[] }
}
