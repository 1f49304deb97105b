//! Who may do what. One function, deny by default.

use std::collections::BTreeSet;

use crate::directory::words;

/// A role of an account. One person may hold several.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Role {
    /// Rules, candidates, start, plan, restore.
    LicenseManager,
    /// Approve, keep, release.
    Approver,
    /// Connections, people, settings. Decides nothing unless also given another role.
    Admin,
    /// Own items of a campaign.
    Reviewer,
    /// Reads, exports, verifies.
    Auditor,
}
words!(Role {
    LicenseManager => "license_manager",
    Approver => "approver",
    Admin => "admin",
    Reviewer => "reviewer",
    Auditor => "auditor",
});

/// Something a role may permit. Every route names exactly one, or says that it needs none.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Permission {
    /// Read findings, candidates, people, spend.
    Read,
    /// Read the trail.
    ReadTrail,
    /// Open candidates, start, skip, complete, retry, keep a found seat.
    ManageCandidates,
    /// Decide on what waits for an approver.
    Decide,
    /// Make and apply plans, restore.
    ManagePlans,
    /// Enter prices and terms.
    ManagePrices,
    /// Start a sync, import a roster.
    Sync,
    /// Enable and disable integration tasks, connections, accounts.
    Administer,
    /// Stop all new writes.
    Freeze,
    /// Ask for, or confirm, that writes go on.
    Thaw,
    /// Move the demo's clock.
    MoveDemoClock,
}
words!(Permission {
    Read => "read",
    ReadTrail => "read_trail",
    ManageCandidates => "manage_candidates",
    Decide => "decide",
    ManagePlans => "manage_plans",
    ManagePrices => "manage_prices",
    Sync => "sync",
    Administer => "administer",
    Freeze => "freeze",
    Thaw => "thaw",
    MoveDemoClock => "move_demo_clock",
});

impl Role {
    /// Whether this role alone grants `permission`.
    pub const fn grants(self, permission: Permission) -> bool {
        match permission {
            // Anyone with a role may stop; nobody needs a reason to look at what the role is about.
            Permission::Freeze => true,
            Permission::Read => match self {
                Self::LicenseManager | Self::Approver | Self::Admin | Self::Auditor => true,
                Self::Reviewer => false,
            },
            Permission::ReadTrail => match self {
                Self::LicenseManager | Self::Approver | Self::Admin | Self::Auditor => true,
                Self::Reviewer => false,
            },
            Permission::ManageCandidates | Permission::ManagePlans => match self {
                Self::LicenseManager => true,
                Self::Approver | Self::Admin | Self::Reviewer | Self::Auditor => false,
            },
            Permission::Decide => match self {
                Self::Approver => true,
                Self::LicenseManager | Self::Admin | Self::Reviewer | Self::Auditor => false,
            },
            Permission::ManagePrices | Permission::Sync => match self {
                Self::LicenseManager | Self::Admin => true,
                Self::Approver | Self::Reviewer | Self::Auditor => false,
            },
            Permission::Administer => match self {
                Self::Admin => true,
                Self::LicenseManager | Self::Approver | Self::Reviewer | Self::Auditor => false,
            },
            Permission::Thaw | Permission::MoveDemoClock => match self {
                Self::LicenseManager | Self::Approver | Self::Admin => true,
                Self::Reviewer | Self::Auditor => false,
            },
        }
    }
}

/// Whether any of `roles` grants `permission`.
pub fn grants(roles: &BTreeSet<Role>, permission: Permission) -> bool {
    roles.iter().any(|role| role.grants(permission))
}

/// Over how many seats in one step a reclaim is bulk.
pub const BULK_OVER_SEATS: usize = 10;

/// Whether starting `seats` seats of a sku with `sku_assigned` holders is bulk: over ten seats, or
/// over one percent of a sku of more than a thousand.
pub const fn is_bulk(seats: usize, sku_assigned: usize) -> bool {
    seats > BULK_OVER_SEATS || (sku_assigned > 1_000 && seats * 100 > sku_assigned)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_admin_decides_nothing_and_anyone_may_freeze() {
        assert!(!Role::Admin.grants(Permission::Decide));
        assert!(!Role::Admin.grants(Permission::ManageCandidates));
        assert!(!Role::LicenseManager.grants(Permission::Decide));
        assert!(Role::ALL.iter().all(|role| role.grants(Permission::Freeze)));
        assert!(!grants(&BTreeSet::new(), Permission::Freeze));
    }

    #[test]
    fn bulk_begins_over_ten_seats_or_one_percent_of_a_large_sku() {
        assert!(!is_bulk(10, 500));
        assert!(is_bulk(11, 500));
        assert!(!is_bulk(10, 1_000));
        assert!(is_bulk(11, 100_000));
        assert!(!is_bulk(10, 1_001));
        assert!(!is_bulk(10, 1_000_000));
    }
}
