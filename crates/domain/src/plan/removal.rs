//! The removal-path solver (E2): the writes that free exactly one sku of one person, or every reason
//! why there are none.
//!
//! A seat is free once none of its paths is left, so what has to be written follows from how it is
//! held: leave each group that gives it, then remove the direct assignment. What remains to be
//! decided is whether that may be done, and whether anything else would go with it.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use super::dependencies::{bears_hold, lacks_its_base};
use super::effect::{effective, without_group};
use super::{Holdings, Write, hex};
use crate::audit::canonical_json;
use crate::directory::{LicenseState, Path, SkuPlan, Via, words};
use crate::ids::{GroupId, ServicePlanId, SkuId, UserId};

/// Who may change a group's membership, and what else it gives (4.4).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum GroupKind {
    /// A security group of the cloud: its members are managed by hand.
    Static,
    /// It also gives a Team, a mailbox, a site.
    Microsoft365,
    /// Its membership follows a rule.
    Dynamic,
    /// It is mastered on premises.
    Synced,
    /// Exchange owns its membership.
    MailEnabled,
    /// It also gives a directory role.
    RoleAssignable,
}
words!(GroupKind {
    Static => "static",
    Microsoft365 => "microsoft_365",
    Dynamic => "dynamic",
    Synced => "synced",
    MailEnabled => "mail_enabled",
    RoleAssignable => "role_assignable",
});

impl GroupKind {
    /// Why this program never changes the membership of such a group; `None` where it may.
    pub const fn why_not(self) -> Option<&'static str> {
        match self {
            Self::Static | Self::Microsoft365 => None,
            Self::Dynamic => Some("its membership follows a rule; change what the rule looks at"),
            Self::Synced => Some("it is kept in the on-premises directory; change it there"),
            Self::MailEnabled => Some("its membership is changed in Exchange only"),
            Self::RoleAssignable => Some("it also gives a directory role, which this program leaves alone"),
        }
    }
}

/// A group that gives licenses, as it was read.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct GroupTerms {
    /// Its id.
    pub group_id: GroupId,
    /// Shown name.
    pub display_name: String,
    /// Who may change its membership.
    pub kind: GroupKind,
    /// The skus it gives to each member, with the plans that are switched off.
    pub skus: Holdings,
}

impl GroupTerms {
    /// Whether two readings of a group mean the same for a removal. A new name changes nothing.
    pub fn same_terms(&self, other: &Self) -> bool {
        self.group_id == other.group_id && self.kind == other.kind && self.skus == other.skus
    }
}

/// Whether the person's mailbox is on hold.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum MailboxHold {
    /// A hold is known.
    OnHold,
    /// There is none.
    NotOnHold,
    /// Nobody could read it: Graph offers no way in most tenants. That is said before the approval
    /// and refuses nothing, because the mailbox is kept for 30 days and the removal can be undone.
    Unknown,
}
words!(MailboxHold { OnHold => "on_hold", NotOnHold => "not_on_hold", Unknown => "unknown" });

/// What the solver looks at. All of it is read; nothing is assumed.
#[derive(Debug, Clone, Copy)]
pub struct Facts<'a> {
    /// Every sku and every path of the person.
    pub state: &'a LicenseState,
    /// The groups that were read.
    pub groups: &'a BTreeMap<GroupId, GroupTerms>,
    /// The service plans of the tenant's skus.
    pub catalog: &'a BTreeMap<SkuId, Vec<SkuPlan>>,
    /// The mailbox.
    pub hold: MailboxHold,
}

/// Something the person loses beside the license, or that nobody could look up. Told before the approval.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "loses", rename_all = "snake_case")]
pub enum AlsoLost {
    /// The Team, the mailbox and the site of a Microsoft 365 group.
    TeamAndSite {
        /// Which.
        group_id: GroupId,
        /// Shown name.
        name: String,
    },
    /// Whatever membership of a group gives besides licenses.
    Membership {
        /// Which.
        group_id: GroupId,
        /// Shown name.
        name: String,
    },
    /// The license holds a mailbox, and whether that is on hold could not be read.
    HoldUnknown,
}

impl AlsoLost {
    /// In one sentence.
    pub fn explain(&self) -> String {
        match self {
            Self::TeamAndSite { name, .. } => format!("The Team, the mailbox and the site of {name}."),
            Self::Membership { name, .. } => format!("Membership of {name}, and what it gives besides licenses."),
            Self::HoldUnknown => {
                "This license can keep a mailbox on hold, and whether it is on hold could not be read.".to_owned()
            }
        }
    }
}

/// The writes that free exactly one sku of one person, in the order in which they are made: groups
/// first, the direct assignment last, so that as long as something is refused the license is kept (4.4).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RemovalPath {
    /// The first write.
    pub first: Write,
    /// What follows once the first is proven.
    pub then: Vec<Write>,
    /// The groups that are left, as they were read.
    pub groups: Vec<GroupTerms>,
    /// What else goes, the gravest first.
    pub also_lost: Vec<AlsoLost>,
}

impl RemovalPath {
    /// Every write, in order.
    pub fn writes(&self) -> impl Iterator<Item = &Write> {
        std::iter::once(&self.first).chain(&self.then)
    }

    /// Whether a group is left.
    pub fn leaves_groups(&self) -> bool {
        !self.groups.is_empty()
    }

    /// What an approval of this path is bound to besides the seat's fingerprint; `None` where a direct
    /// assignment is all there is, which the fingerprint says already.
    pub fn binding(&self) -> Option<String> {
        binding(&self.first, &self.then, &self.groups)
    }
}

/// The hash over writes and groups, without the groups' names.
pub(super) fn binding(first: &Write, then: &[Write], groups: &[GroupTerms]) -> Option<String> {
    if then.is_empty() && groups.is_empty() && matches!(first, Write::RemoveLicense { .. }) {
        return None;
    }
    let writes: Vec<&Write> = std::iter::once(first).chain(then).collect();
    let groups: Vec<serde_json::Value> = groups
        .iter()
        .map(|group| serde_json::json!({ "group_id": group.group_id, "kind": group.kind, "skus": group.skus }))
        .collect();
    let value = serde_json::json!({ "writes": writes, "groups": groups });
    Some(hex(&Sha256::digest(canonical_json(&value))))
}

/// What is wrong with one group that gives the seat.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum GroupObstacle {
    /// It could not be read.
    Unread,
    /// Its membership is not changed by this program.
    Kind(GroupKind),
    /// It does not carry the sku any more: the license is still being taken away, or is stuck (G27).
    CarriesNotThis,
    /// The person would lose these too, or plans of them.
    CarriesMore(Vec<SkuId>),
}

/// Why no writes free a seat, and nothing but it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum NoPath {
    /// The seat is not held at all.
    NotHeld,
    /// Groups stand in the way; every one that does is named.
    Groups {
        /// Whether the seat is held directly as well, so that removing that frees nothing (G26).
        also_direct: bool,
        /// Which, and why.
        groups: Vec<(GroupId, GroupObstacle)>,
    },
    /// These other skus of the person need it (G30).
    NeededBy(Vec<SkuId>),
    /// The mailbox is on hold, and no other license would keep the hold (4.6).
    KeepsHold,
    /// The directory lists the sku without saying how, or since when, it is held.
    Unknown,
}

/// The smallest set of writes that frees exactly this seat, or why there is none. A path without a date
/// is refused too: nothing would tell it from one that was given again after ours was taken (I2, G25).
///
/// # Errors
/// [`NoPath`] names the reason.
pub fn removal_path(facts: &Facts<'_>, sku_id: SkuId) -> Result<RemovalPath, NoPath> {
    let state = facts.state;
    let seat = state.seat(sku_id).ok_or(NoPath::NotHeld)?;
    if seat.paths.is_empty() || seat.paths.iter().any(|path| path.last_updated.is_none()) {
        return Err(NoPath::Unknown);
    }
    let leaving: BTreeSet<GroupId> = seat.groups().collect();
    let after = paths_after(state, sku_id, &leaving);
    let obstacles: Vec<(GroupId, GroupObstacle)> = leaving
        .iter()
        .filter_map(|&group_id| obstacle(facts, sku_id, group_id, &after).map(|found| (group_id, found)))
        .collect();
    if !obstacles.is_empty() {
        return Err(NoPath::Groups { also_direct: seat.direct().is_some(), groups: obstacles });
    }
    let orphans = orphans(facts, &after, sku_id);
    if !orphans.is_empty() {
        return Err(NoPath::NeededBy(orphans));
    }
    let hold_goes = loses_hold(facts, &after, sku_id);
    if hold_goes && facts.hold == MailboxHold::OnHold {
        return Err(NoPath::KeepsHold);
    }
    let groups: Vec<GroupTerms> = leaving.iter().filter_map(|id| facts.groups.get(id).cloned()).collect();
    let user_id = state.user_id;
    let mut writes = groups.iter().map(|group| Write::LeaveGroup { user_id, group_id: group.group_id });
    let direct = seat.direct().map(|_| Write::RemoveLicense { user_id, sku_id });
    let (first, then) = match (writes.next(), direct) {
        (Some(first), direct) => (first, writes.chain(direct).collect()),
        (None, Some(direct)) => (direct, Vec::new()),
        // A seat with paths is held directly or through a group.
        (None, None) => return Err(NoPath::Unknown),
    };
    let also_lost = also_lost(&groups, hold_goes && facts.hold == MailboxHold::Unknown);
    Ok(RemovalPath { first, then, groups, also_lost })
}

type Paths = BTreeMap<SkuId, Vec<Path>>;

/// Every path that is left once the direct assignment of a sku and all paths through some groups are gone.
fn paths_after(state: &LicenseState, sku_id: SkuId, leaving: &BTreeSet<GroupId>) -> Paths {
    let mut paths = state.paths.clone();
    for group_id in leaving {
        without_group(&mut paths, *group_id);
    }
    if let Some(of_sku) = paths.get_mut(&sku_id) {
        of_sku.retain(|path| path.via != Via::Direct);
    }
    paths.retain(|_, paths| !paths.is_empty());
    paths
}

fn obstacle(facts: &Facts<'_>, sku_id: SkuId, group_id: GroupId, after: &Paths) -> Option<GroupObstacle> {
    let Some(group) = facts.groups.get(&group_id) else { return Some(GroupObstacle::Unread) };
    if group.kind.why_not().is_some() {
        return Some(GroupObstacle::Kind(group.kind));
    }
    if !group.skus.contains_key(&sku_id) {
        return Some(GroupObstacle::CarriesNotThis);
    }
    // What the group carries counts as held through it, even where it has not reached the person yet.
    let through = |sku: &SkuId| facts.state.paths.get(sku).is_some_and(|paths| through_group(paths, group_id));
    let given = facts.state.paths.keys().filter(|sku| through(sku)).chain(group.skus.keys());
    let lost: BTreeSet<SkuId> = given
        .filter(|&&other| other != sku_id)
        .filter(|other| {
            let mut before = facts.state.paths.get(other).cloned().unwrap_or_default();
            if let Some(off) = group.skus.get(other)
                && !through_group(&before, group_id)
            {
                before.push(carried(group_id, off));
            }
            // Only what is certainly in effect holds the other sku.
            let kept: Vec<Path> =
                after.get(other).into_iter().flatten().filter(|path| is_active(path)).cloned().collect();
            effective(&kept) != effective(&before)
        })
        .copied()
        .collect();
    (!lost.is_empty()).then(|| GroupObstacle::CarriesMore(lost.into_iter().collect()))
}

fn through_group(paths: &[Path], group_id: GroupId) -> bool {
    paths.iter().any(|path| path.via == Via::Group { group_id })
}

fn carried(group_id: GroupId, off: &BTreeSet<ServicePlanId>) -> Path {
    Path {
        via: Via::Group { group_id },
        disabled_plans: off.clone(),
        state: crate::directory::OpenWord("Active".to_owned()),
        last_updated: None,
    }
}

fn is_active(path: &Path) -> bool {
    path.state.0 == "Active"
}

/// The names of the plans a sku has switched on through these paths; all of them where nobody says how.
fn plans_on<'a>(facts: &Facts<'a>, sku_id: SkuId, paths: &[Path]) -> Vec<&'a str> {
    let off = effective(paths).unwrap_or_default();
    let plans = facts.catalog.get(&sku_id).map(Vec::as_slice).unwrap_or_default();
    plans.iter().filter(|plan| !off.contains(&plan.plan_id)).map(|plan| plan.name.trim()).collect()
}

/// Other skus one of whose plans would lose what it needs, and has it now. A sku that nobody knows the
/// paths of needs what it contains, and gives nothing to others.
fn orphans(facts: &Facts<'_>, after: &Paths, sku_id: SkuId) -> Vec<SkuId> {
    let on = |paths: &Paths| -> BTreeSet<&str> {
        paths.iter().flat_map(|(sku, paths)| plans_on(facts, *sku, paths)).collect()
    };
    let (had, has) = (on(&facts.state.paths), on(after));
    let others = facts.state.assigned.keys().chain(after.keys()).copied().filter(|&sku| sku != sku_id);
    let found: BTreeSet<SkuId> = others
        .filter(|sku| {
            let paths = after.get(sku).map(Vec::as_slice).unwrap_or_default();
            plans_on(facts, *sku, paths).iter().any(|plan| lacks_its_base(plan, &has) && !lacks_its_base(plan, &had))
        })
        .collect();
    found.into_iter().collect()
}

/// Whether the sku can keep a mailbox on hold and nothing that is left could.
fn loses_hold(facts: &Facts<'_>, after: &Paths, sku_id: SkuId) -> bool {
    let bears = |sku: SkuId, paths: &[Path]| plans_on(facts, sku, paths).into_iter().any(bears_hold);
    let now = facts.state.paths.get(&sku_id).map(Vec::as_slice).unwrap_or_default();
    bears(sku_id, now) && !after.iter().any(|(sku, paths)| bears(*sku, paths))
}

fn also_lost(groups: &[GroupTerms], hold_unknown: bool) -> Vec<AlsoLost> {
    let mut found = Vec::new();
    let (teams, others): (Vec<_>, Vec<_>) = groups.iter().partition(|group| group.kind == GroupKind::Microsoft365);
    for group in teams {
        found.push(AlsoLost::TeamAndSite { group_id: group.group_id, name: group.display_name.clone() });
    }
    for group in others {
        found.push(AlsoLost::Membership { group_id: group.group_id, name: group.display_name.clone() });
    }
    if hold_unknown {
        found.push(AlsoLost::HoldUnknown);
    }
    found
}

/// The person a path is about.
impl RemovalPath {
    /// Whose seat it frees.
    pub const fn user_id(&self) -> UserId {
        self.first.user_id()
    }
}

#[cfg(test)]
mod tests;
