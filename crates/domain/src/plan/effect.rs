//! What a write does to a person, written down once: the proof that nothing else changed compares a
//! reading with this, and so does the undo.

use std::collections::{BTreeMap, BTreeSet};

use super::Write;
use crate::directory::{LicenseState, OpenWord, Path, Via};
use crate::ids::{GroupId, ServicePlanId, SkuId};

/// The plans that are off where a sku is held through these paths: off on every one of them. `None`
/// without a path.
pub fn effective(paths: &[Path]) -> Option<BTreeSet<ServicePlanId>> {
    let (first, rest) = paths.split_first()?;
    let off_everywhere = |plan: &&ServicePlanId| rest.iter().all(|path| path.disabled_plans.contains(plan));
    Some(first.disabled_plans.iter().filter(off_everywhere).copied().collect())
}

/// Takes every path through a group away.
pub(super) fn without_group(paths: &mut BTreeMap<SkuId, Vec<Path>>, group_id: GroupId) {
    for of_sku in paths.values_mut() {
        of_sku.retain(|path| path.via != Via::Group { group_id });
    }
}

/// The state a write leads to. Of a joined group, what it gives is known from `snapshot`, the state in which
/// the person was a member. Dates of new paths are not known.
#[must_use]
pub fn after_write(state: &LicenseState, write: &Write, snapshot: &LicenseState) -> LicenseState {
    let mut next = state.clone();
    let mut touched: BTreeSet<SkuId> = BTreeSet::new();
    match write {
        Write::RemoveLicense { sku_id, .. } => {
            touched.insert(*sku_id);
            remove_direct(&mut next, *sku_id);
        }
        Write::AssignLicense { sku_id, disabled_plans, .. } | Write::SetPlans { sku_id, disabled_plans, .. } => {
            touched.insert(*sku_id);
            set_direct(&mut next, *sku_id, disabled_plans);
        }
        Write::SwapLicense { remove, add, disabled_plans, .. } => {
            touched.extend([*remove, *add]);
            remove_direct(&mut next, *remove);
            set_direct(&mut next, *add, disabled_plans);
        }
        Write::LeaveGroup { group_id, .. } => {
            touched.extend(given_by(&next, *group_id));
            without_group(&mut next.paths, *group_id);
            if let Some(groups) = next.groups.as_mut() {
                groups.remove(group_id);
            }
        }
        Write::JoinGroup { group_id, .. } => {
            for sku_id in given_by(snapshot, *group_id) {
                touched.insert(sku_id);
                let given =
                    snapshot.paths[&sku_id].iter().filter(|path| path.via == Via::Group { group_id: *group_id });
                let paths = next.paths.entry(sku_id).or_default();
                paths.retain(|path| path.via != Via::Group { group_id: *group_id });
                paths.extend(given.cloned());
            }
            if let Some(groups) = next.groups.as_mut() {
                groups.insert(*group_id);
            }
        }
    }
    for sku_id in touched {
        match next.paths.get(&sku_id).and_then(|paths| effective(paths)) {
            Some(off) => {
                next.assigned.insert(sku_id, off);
            }
            None => {
                next.assigned.remove(&sku_id);
                next.paths.remove(&sku_id);
            }
        }
    }
    next
}

fn given_by(state: &LicenseState, group_id: GroupId) -> Vec<SkuId> {
    let through = |paths: &Vec<Path>| paths.iter().any(|path| path.via == Via::Group { group_id });
    state.paths.iter().filter(|(_, paths)| through(paths)).map(|(sku_id, _)| *sku_id).collect()
}

fn remove_direct(state: &mut LicenseState, sku_id: SkuId) {
    if let Some(paths) = state.paths.get_mut(&sku_id) {
        paths.retain(|path| path.via != Via::Direct);
    }
}

fn set_direct(state: &mut LicenseState, sku_id: SkuId, disabled_plans: &BTreeSet<ServicePlanId>) {
    let paths = state.paths.entry(sku_id).or_default();
    paths.retain(|path| path.via != Via::Direct);
    paths.push(Path {
        via: Via::Direct,
        disabled_plans: disabled_plans.clone(),
        state: OpenWord("Active".to_owned()),
        last_updated: None,
    });
}
