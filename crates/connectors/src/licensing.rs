//! What a source says about where seats come from, beside the license types themselves.

use reseat_domain::licensing::GroupLicense;

use crate::directory::Group;

/// A group that gives licenses to its members.
#[derive(Debug, Clone)]
pub struct LicensedGroup {
    /// The group.
    pub group: Group,
    /// The rule that fills it; `None` for one that people fill.
    pub membership_rule: Option<String>,
    /// What it gives, with the plans switched off.
    pub licenses: Vec<GroupLicense>,
}
