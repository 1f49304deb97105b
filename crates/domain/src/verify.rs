//! Whether a write happened, judged by what reading the person shows. Reads lag behind writes, so
//! one reading proves nothing; two agreeing ones do (G22, G23).

use std::collections::BTreeSet;

use crate::directory::{HeldSeat, LicenseState, Path, Via};
use crate::ids::{GroupId, SkuId};
use crate::plan::{Fingerprint, Holdings, Write, after_write};

/// What one reading says about a removal, or about one of several writes that a removal takes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum RemovalReading {
    /// What was to go is gone and nothing else differs.
    Gone,
    /// It is there with the approved fingerprint: not (yet) removed, or an old replica.
    StillThere,
    /// It is there with another fingerprint: somebody assigned it again (G25).
    Reassigned,
    /// It is gone and something else differs too.
    GoneAndMore(String),
    /// The membership is gone and the license is still to follow: waited for, never sent again (G27).
    Following,
    /// The sku is gone as a path, but still in effect, or the other way round: the replicas are
    /// between two states.
    Between,
}

/// Judges one reading after a removal against the state before it.
pub fn read_removal(
    before: &LicenseState,
    sku_id: SkuId,
    approved: &Fingerprint,
    now: &LicenseState,
) -> RemovalReading {
    match now.seat(sku_id) {
        Some(seat) => {
            let in_effect = now.assigned.contains_key(&sku_id);
            if seat.paths.is_empty() || !in_effect {
                RemovalReading::Between
            } else if Fingerprint::of(now.user_id, &seat) == *approved {
                RemovalReading::StillThere
            } else {
                RemovalReading::Reassigned
            }
        }
        None => {
            let mut expected = before.assigned.clone();
            expected.remove(&sku_id);
            match difference(&expected, &now.assigned) {
                None => RemovalReading::Gone,
                Some(what) => RemovalReading::GoneAndMore(what),
            }
        }
    }
}

/// Judges one reading after any write that takes something, against the state right before it. `sku_id` is
/// the candidate's.
pub fn read_taking(before: &LicenseState, sku_id: SkuId, write: &Write, now: &LicenseState) -> RemovalReading {
    match write {
        Write::RemoveLicense { .. } => match before.seat(sku_id) {
            Some(seat) => read_removal(before, sku_id, &Fingerprint::of(before.user_id, &seat), now),
            None => RemovalReading::Between,
        },
        Write::LeaveGroup { group_id, .. } => read_leaving(before, sku_id, *group_id, write, now),
        Write::SwapLicense { remove, add, .. } => read_swap(before, *remove, *add, write, now),
        Write::SetPlans { sku_id, .. } => read_plans(before, *sku_id, write, now),
        // What gives is judged by `read_giving`; nothing is concluded from it here.
        Write::AssignLicense { .. } | Write::JoinGroup { .. } => RemovalReading::Between,
    }
}

fn read_leaving(
    before: &LicenseState,
    sku_id: SkuId,
    group_id: GroupId,
    write: &Write,
    now: &LicenseState,
) -> RemovalReading {
    // Without the memberships nothing is known about a membership.
    let (Some(was), Some(groups)) = (&before.groups, &now.groups) else { return RemovalReading::Between };
    let through = |state: &LicenseState| -> Vec<Path> {
        let paths = state.paths.values().flatten();
        paths.filter(|path| path.via == Via::Group { group_id }).cloned().collect()
    };
    let (had, has) = (through(before), through(now));
    if groups.contains(&group_id) {
        let same = |a: &[Path], b: &[Path]| {
            let seat = |paths: &[Path]| HeldSeat { sku_id, paths: paths.to_vec() };
            Fingerprint::of(before.user_id, &seat(a)) == Fingerprint::of(before.user_id, &seat(b))
        };
        return match has.as_slice() {
            [] => RemovalReading::Between,
            paths if same(&had, paths) => RemovalReading::StillThere,
            _ => RemovalReading::Reassigned,
        };
    }
    if !has.is_empty() {
        return RemovalReading::Following;
    }
    let expected = after_write(before, write, before);
    // Given in another way since: by hand, or by another group (G25, G28).
    if expected.seat(sku_id).is_none() && now.seat(sku_id).is_some() {
        return match now.paths.get(&sku_id) {
            Some(paths) if !paths.is_empty() && now.assigned.contains_key(&sku_id) => RemovalReading::Reassigned,
            _ => RemovalReading::Between,
        };
    }
    let mut left = was.clone();
    left.remove(&group_id);
    match both(difference(&expected.assigned, &now.assigned), memberships(&left, groups)) {
        None => RemovalReading::Gone,
        Some(what) => RemovalReading::GoneAndMore(what),
    }
}

fn read_swap(before: &LicenseState, remove: SkuId, add: SkuId, write: &Write, now: &LicenseState) -> RemovalReading {
    let Some(seat) = before.seat(remove) else { return RemovalReading::Between };
    match now.seat(remove) {
        Some(held) if Fingerprint::of(before.user_id, &held) != Fingerprint::of(before.user_id, &seat) => {
            RemovalReading::Reassigned
        }
        Some(_) if now.seat(add).is_none() && now.assigned.contains_key(&remove) => RemovalReading::StillThere,
        Some(_) => RemovalReading::Between,
        None => {
            let there = now.assigned.contains_key(&add) && now.paths.get(&add).is_some_and(|paths| !paths.is_empty());
            let expected = after_write(before, write, before);
            match difference(&expected.assigned, &now.assigned) {
                None if there => RemovalReading::Gone,
                // Half of it: one request does both or neither, so this is two replicas, or somebody else.
                None => RemovalReading::Between,
                Some(_) if !there => RemovalReading::Between,
                Some(what) => RemovalReading::GoneAndMore(what),
            }
        }
    }
}

fn read_plans(before: &LicenseState, sku_id: SkuId, write: &Write, now: &LicenseState) -> RemovalReading {
    let expected = after_write(before, write, before);
    if now.assigned.get(&sku_id) == before.assigned.get(&sku_id) {
        return RemovalReading::StillThere;
    }
    if now.assigned.get(&sku_id) != expected.assigned.get(&sku_id) {
        return RemovalReading::Reassigned;
    }
    match difference(&expected.assigned, &now.assigned) {
        None => RemovalReading::Gone,
        Some(what) => RemovalReading::GoneAndMore(what),
    }
}

/// What one reading says about a restore.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum RestoreReading {
    /// The person holds exactly what they held before the removal.
    Restored,
    /// The membership is there and the license is still to follow: waited for, never sent again.
    Following,
    /// The sku is not there (yet).
    StillGone,
    /// The sku is there, and something differs from before.
    Differs(String),
}

/// Judges one reading after a restore against the state before the removal.
pub fn read_restore(before: &LicenseState, sku_id: SkuId, now: &LicenseState) -> RestoreReading {
    if now.seat(sku_id).is_none() {
        return RestoreReading::StillGone;
    }
    if !now.assigned.contains_key(&sku_id) || now.paths.get(&sku_id).is_none_or(Vec::is_empty) {
        return RestoreReading::StillGone;
    }
    match difference(&before.assigned, &now.assigned) {
        None => RestoreReading::Restored,
        Some(what) => RestoreReading::Differs(what),
    }
}

/// Judges one reading after one write of a restore. `expected` is the state that it must lead to.
pub fn read_giving(expected: &LicenseState, sku_id: SkuId, write: &Write, now: &LicenseState) -> RestoreReading {
    match write {
        Write::JoinGroup { group_id, .. } => {
            let (Some(wanted), Some(groups)) = (&expected.groups, &now.groups) else {
                return RestoreReading::StillGone;
            };
            if !groups.contains(group_id) {
                return RestoreReading::StillGone;
            }
            let through = |paths: &Vec<Path>| paths.iter().any(|path| path.via == Via::Group { group_id: *group_id });
            let follows = |(sku, paths): (&SkuId, &Vec<Path>)| {
                through(paths) && !(now.assigned.contains_key(sku) && now.paths.get(sku).is_some_and(through))
            };
            if expected.paths.iter().any(follows) {
                return RestoreReading::Following;
            }
            match both(difference(&expected.assigned, &now.assigned), memberships(wanted, groups)) {
                None => RestoreReading::Restored,
                Some(what) => RestoreReading::Differs(what),
            }
        }
        Write::SetPlans { sku_id, .. } => match difference(&expected.assigned, &now.assigned) {
            None => RestoreReading::Restored,
            Some(_) if now.assigned.get(sku_id) != expected.assigned.get(sku_id) => RestoreReading::StillGone,
            Some(what) => RestoreReading::Differs(what),
        },
        Write::AssignLicense { .. } | Write::SwapLicense { .. } => read_restore(expected, sku_id, now),
        Write::RemoveLicense { .. } | Write::LeaveGroup { .. } => RestoreReading::StillGone,
    }
}

/// Whether what a write of a restore would give is there already, so that sending it would only replace what
/// somebody chose meanwhile.
pub fn given_already(write: &Write, now: &LicenseState) -> bool {
    match write {
        Write::JoinGroup { group_id, .. } => now.groups.as_ref().is_some_and(|groups| groups.contains(group_id)),
        Write::AssignLicense { sku_id, .. } => now.seat(*sku_id).is_some_and(|seat| seat.direct().is_some()),
        Write::SwapLicense { add, .. } => now.seat(*add).is_some(),
        Write::SetPlans { sku_id, disabled_plans, .. } => {
            // Gone by now: there is nothing whose plans could be set back.
            now.seat(*sku_id).is_none_or(|seat| seat.direct().is_none_or(|path| path.disabled_plans == *disabled_plans))
        }
        Write::RemoveLicense { .. } | Write::LeaveGroup { .. } => true,
    }
}

/// Whether the seat right before a write still is what was approved. Of several writes, `expected` is the
/// state before the first one with what was written since taken off.
pub fn unchanged_since_approval(sku_id: SkuId, approved: &Fingerprint, now: &LicenseState) -> bool {
    now.seat(sku_id).is_some_and(|seat| Fingerprint::of(now.user_id, &seat) == *approved)
}

fn both(one: Option<String>, other: Option<String>) -> Option<String> {
    match (one, other) {
        (Some(one), Some(other)) => Some(format!("{one}; {other}")),
        (one, other) => one.or(other),
    }
}

/// What differs between two sets of memberships, in words; `None` when nothing does.
pub fn memberships(expected: &BTreeSet<GroupId>, found: &BTreeSet<GroupId>) -> Option<String> {
    let gone = expected.difference(found).map(|group| format!("membership of group {group} is gone"));
    let came = found.difference(expected).map(|group| format!("membership of group {group} was added"));
    let parts: Vec<String> = gone.chain(came).collect();
    (!parts.is_empty()).then(|| parts.join("; "))
}

/// What differs between two sets of holdings, in words; `None` when nothing does.
pub fn difference(expected: &Holdings, found: &Holdings) -> Option<String> {
    let mut parts = Vec::new();
    for (sku, plans) in expected {
        match found.get(sku) {
            None => parts.push(format!("license {sku} is gone")),
            Some(now) if now != plans => parts.push(format!("the switched-off plans of license {sku} changed")),
            Some(_) => {}
        }
    }
    for sku in found.keys() {
        if !expected.contains_key(sku) {
            parts.push(format!("license {sku} was added"));
        }
    }
    (!parts.is_empty()).then(|| parts.join("; "))
}

#[cfg(test)]
mod tests;
