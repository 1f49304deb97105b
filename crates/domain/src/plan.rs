//! The plan: the exact, immutable list of writes for approved candidates, with nothing left to
//! choose; the fingerprint that an approval is bound to; and the path a removal can take.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use crate::audit::canonical_json;
use crate::directory::{HeldSeat, LicenseState, words};
use crate::ids::{ApprovalId, CandidateId, GroupId, PlanItemId, ServicePlanId, SkuId, TenantId, UserId};
use crate::time::Timestamp;

/// A seat as it was approved: the sku and every path with its plans and its last change. Compared
/// again just before sending, so that a seat taken away and legitimately given back is never taken
/// twice (G25, G27, G40).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Fingerprint(String);

impl Fingerprint {
    /// The fingerprint of a seat.
    pub fn of(user_id: UserId, seat: &HeldSeat) -> Self {
        let mut paths = seat.paths.clone();
        paths.sort_by_key(|path| path.via);
        // The state word is left out: Microsoft moves a path between Active and ActiveWithError
        // without anybody having assigned anything.
        let paths: Vec<serde_json::Value> = paths
            .iter()
            .map(|path| {
                serde_json::json!({
                    "via": path.via,
                    "disabled_plans": path.disabled_plans,
                    "last_updated": path.last_updated.map(Timestamp::as_micros),
                })
            })
            .collect();
        let value = serde_json::json!({ "user_id": user_id, "sku_id": seat.sku_id, "paths": paths });
        Self(hex(&Sha256::digest(canonical_json(&value))))
    }

    /// From the database.
    pub fn from_text(text: impl Into<String>) -> Self {
        Self(text.into())
    }

    /// For the database and REST.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// Lower-case hexadecimal.
pub fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// What a plan item does. Every kind needs an approval, an intent and a match in the tenant.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum PlanItemKind {
    /// Remove a direct license.
    Remove,
    /// Leave a licensed group.
    LeaveGroup,
    /// Replace one sku by another in one call.
    Swap,
    /// Switch service plans off.
    DisablePlan,
    /// Give back exactly what was held.
    Restore,
    /// Give a freed seat to somebody who asked.
    Assign,
}
words!(PlanItemKind {
    Remove => "remove",
    LeaveGroup => "leave_group",
    Swap => "swap",
    DisablePlan => "disable_plan",
    Restore => "restore",
    Assign => "assign",
});

/// How far an intent came.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum IntentState {
    /// Durable; the request may or may not have been sent.
    Intended,
    /// Graph accepted the request.
    Accepted,
    /// The request was sent and nobody knows whether it happened.
    Unknown,
    /// Graph refused the request.
    Refused,
    /// Provably nothing was processed.
    NotSent,
    /// Two agreeing reads proved it.
    Proven,
    /// Evidence showed that something else happened.
    SettledOtherwise,
}
words!(IntentState {
    Intended => "intended",
    Accepted => "accepted",
    Unknown => "unknown",
    Refused => "refused",
    NotSent => "not_sent",
    Proven => "proven",
    SettledOtherwise => "settled_otherwise",
});

/// One write, spelled out.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "write", rename_all = "snake_case")]
pub enum Write {
    /// Remove exactly one sku that is assigned directly.
    RemoveLicense {
        /// Whose.
        user_id: UserId,
        /// Which.
        sku_id: SkuId,
    },
    /// Assign exactly one sku with these plans switched off.
    AssignLicense {
        /// To whom.
        user_id: UserId,
        /// Which.
        sku_id: SkuId,
        /// Switched off.
        disabled_plans: BTreeSet<ServicePlanId>,
    },
}

impl Write {
    /// Method, path and body of the request, for people and for the plan document.
    pub fn request(&self) -> (&'static str, String, serde_json::Value) {
        match self {
            Self::RemoveLicense { user_id, sku_id } => (
                "POST",
                format!("/users/{user_id}/assignLicense"),
                serde_json::json!({ "addLicenses": [], "removeLicenses": [sku_id] }),
            ),
            Self::AssignLicense { user_id, sku_id, disabled_plans } => (
                "POST",
                format!("/users/{user_id}/assignLicense"),
                serde_json::json!({
                    "addLicenses": [{ "skuId": sku_id, "disabledPlans": disabled_plans }],
                    "removeLicenses": [],
                }),
            ),
        }
    }
}

/// Why no write can free a seat.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum NoPath {
    /// The seat is not held at all.
    NotHeld,
    /// Only groups give it.
    OnlyThroughGroups(Vec<GroupId>),
    /// A group gives it beside the direct assignment, so removing that frees nothing (G26).
    AlsoThroughGroups(Vec<GroupId>),
    /// The directory lists the sku without saying how, or since when, it is held.
    Unknown,
}

/// The smallest write that frees exactly this seat, or why there is none. Directly held seats
/// only; group paths are shown and refused. A direct path without a date is refused too: nothing
/// would tell it from one that was given again after ours was taken (I2, G25).
///
/// # Errors
/// [`NoPath`] names the reason.
pub fn removal_path(user_id: UserId, seat: Option<&HeldSeat>) -> Result<Write, NoPath> {
    let seat = seat.ok_or(NoPath::NotHeld)?;
    let groups: Vec<GroupId> = seat.groups().collect();
    match (seat.direct(), groups.is_empty()) {
        (Some(direct), true) if direct.last_updated.is_none() => Err(NoPath::Unknown),
        (Some(_), true) => Ok(Write::RemoveLicense { user_id, sku_id: seat.sku_id }),
        (Some(_), false) => Err(NoPath::AlsoThroughGroups(groups)),
        (None, false) => Err(NoPath::OnlyThroughGroups(groups)),
        (None, true) => Err(NoPath::Unknown),
    }
}

/// One item: one candidate, one seat, the write it comes to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PlanItem {
    /// Its id.
    pub item_id: PlanItemId,
    /// For which candidate.
    pub candidate_id: CandidateId,
    /// What it does.
    pub kind: PlanItemKind,
    /// Whose seat.
    pub user_id: UserId,
    /// Which sku.
    pub sku_id: SkuId,
    /// The write.
    pub write: Write,
    /// The seat as it was approved.
    pub fingerprint: Fingerprint,
    /// The yes it rests on; `None` in a draft made before the approval.
    pub approval_id: Option<ApprovalId>,
    /// What the person loses.
    pub will_be_removed: Vec<SkuId>,
    /// What the person keeps.
    pub will_stay: Vec<SkuId>,
}

/// The hash of a plan: over the tenant and the items, not over who asked or when, so that the same
/// plan has the same hash from the console, the command line and REST (E16).
pub fn plan_hash(tenant_id: TenantId, items: &[PlanItem]) -> String {
    let mut lines: Vec<serde_json::Value> = items
        .iter()
        .map(|item| {
            serde_json::json!({
                "candidate_id": item.candidate_id,
                "kind": item.kind,
                "write": item.write,
                "fingerprint": item.fingerprint,
                "approval_id": item.approval_id,
            })
        })
        .collect();
    lines.sort_by_key(|line| line["candidate_id"].to_string());
    let value = serde_json::json!({ "tenant_id": tenant_id, "items": lines });
    hex(&Sha256::digest(canonical_json(&value)))
}

/// The skus a person holds besides one.
pub fn stays(state: &LicenseState, removed: SkuId) -> Vec<SkuId> {
    state.assigned.keys().copied().filter(|&sku| sku != removed).collect()
}

/// The write that gives back exactly what was held before a removal.
///
/// # Errors
/// [`NoPath::NotHeld`] when the state before did not hold the sku directly.
pub fn restore_write(before: &LicenseState, sku_id: SkuId) -> Result<Write, NoPath> {
    let seat = before.seat(sku_id).ok_or(NoPath::NotHeld)?;
    let direct = seat.direct().ok_or(NoPath::NotHeld)?;
    Ok(Write::AssignLicense { user_id: before.user_id, sku_id, disabled_plans: direct.disabled_plans.clone() })
}

/// The state a restore must lead to: what the person holds right before it, with exactly the seat of
/// the snapshot put back. What others changed in between is theirs and stays.
#[must_use]
pub fn restored_state(snapshot: &LicenseState, sku_id: SkuId, fresh: &LicenseState) -> LicenseState {
    let mut state = fresh.clone();
    if let Some(plans) = snapshot.assigned.get(&sku_id) {
        state.assigned.insert(sku_id, plans.clone());
    }
    if let Some(paths) = snapshot.paths.get(&sku_id) {
        state.paths.insert(sku_id, paths.clone());
    }
    state
}

/// Skus with their switched-off plans, the part of a state that writes change.
pub type Holdings = BTreeMap<SkuId, BTreeSet<ServicePlanId>>;

#[cfg(test)]
mod tests {
    use super::*;
    use crate::directory::{OpenWord, Path, Via};

    fn user() -> UserId {
        "11111111-1111-4111-8111-111111111111".parse().expect("a GUID")
    }

    fn sku() -> SkuId {
        "f8a1db68-be16-40ed-86d5-cb42ce701560".parse().expect("a GUID")
    }

    fn path(via: Via, micros: i64) -> Path {
        Path {
            via,
            disabled_plans: BTreeSet::new(),
            state: OpenWord("Active".into()),
            last_updated: Some(Timestamp::from_micros(micros)),
        }
    }

    fn group() -> Via {
        Via::Group { group_id: "22222222-2222-4222-8222-222222222222".parse().expect("a GUID") }
    }

    #[test]
    fn only_a_purely_direct_seat_has_a_removal_path() {
        let seat = |paths| HeldSeat { sku_id: sku(), paths };
        assert!(removal_path(user(), Some(&seat(vec![path(Via::Direct, 1)]))).is_ok());
        assert!(matches!(
            removal_path(user(), Some(&seat(vec![path(group(), 1)]))),
            Err(NoPath::OnlyThroughGroups(groups)) if groups.len() == 1
        ));
        assert!(matches!(
            removal_path(user(), Some(&seat(vec![path(Via::Direct, 1), path(group(), 1)]))),
            Err(NoPath::AlsoThroughGroups(_))
        ));
        assert_eq!(removal_path(user(), Some(&seat(vec![]))), Err(NoPath::Unknown));
        let undated = Path { last_updated: None, ..path(Via::Direct, 1) };
        assert_eq!(removal_path(user(), Some(&seat(vec![undated]))), Err(NoPath::Unknown), "G25: told from no other");
        assert_eq!(removal_path(user(), None), Err(NoPath::NotHeld));
    }

    #[test]
    fn a_fingerprint_sees_reassignment_plans_and_paths_but_not_order_or_state_words() {
        let of = |paths: Vec<Path>| Fingerprint::of(user(), &HeldSeat { sku_id: sku(), paths });
        let base = of(vec![path(Via::Direct, 1), path(group(), 2)]);
        assert_eq!(base, of(vec![path(group(), 2), path(Via::Direct, 1)]));
        assert_ne!(base, of(vec![path(Via::Direct, 9), path(group(), 2)]), "re-assigned (G25)");
        assert_ne!(base, of(vec![path(Via::Direct, 1)]), "path gone (G27)");
        let mut plans = path(Via::Direct, 1);
        plans.disabled_plans.insert("70d33638-9c74-4d01-bfd3-562de28bd4ba".parse().expect("a GUID"));
        assert_ne!(base, of(vec![plans, path(group(), 2)]), "plans changed (G40)");
        let mut errored = path(Via::Direct, 1);
        errored.state = OpenWord("ActiveWithError".into());
        assert_eq!(base, of(vec![errored, path(group(), 2)]));
    }
}
