//! The plan: the exact, immutable list of writes for approved candidates, with nothing left to
//! choose; the fingerprint that an approval is bound to; and the path a removal can take.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use crate::audit::canonical_json;
use crate::directory::{HeldSeat, LicenseState, words};
use crate::ids::{ApprovalId, CandidateId, GroupId, PlanItemId, ServicePlanId, SkuId, TenantId, UserId};
use crate::time::Timestamp;

mod dependencies;
mod effect;
mod removal;

pub use effect::{after_write, effective};
pub use removal::{
    AlsoLost, Facts, GroupKind, GroupObstacle, GroupTerms, MailboxHold, NoPath, RemovalPath, removal_path,
};

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
    /// Take a person out of one group.
    LeaveGroup {
        /// Whom.
        user_id: UserId,
        /// Which.
        group_id: GroupId,
    },
    /// Make a person a member of one group.
    JoinGroup {
        /// Whom.
        user_id: UserId,
        /// Which.
        group_id: GroupId,
    },
    /// Replace one directly assigned sku by another in one request, so that nothing is missing in between.
    SwapLicense {
        /// Whose.
        user_id: UserId,
        /// What goes.
        remove: SkuId,
        /// What comes.
        add: SkuId,
        /// Switched off in what comes.
        disabled_plans: BTreeSet<ServicePlanId>,
    },
    /// Replace the switched-off plans of a directly assigned sku.
    SetPlans {
        /// Whose.
        user_id: UserId,
        /// Of which.
        sku_id: SkuId,
        /// Switched off from then on.
        disabled_plans: BTreeSet<ServicePlanId>,
    },
}

impl Write {
    /// Method, path and body of the request, for people and for the plan document. Addresses are relative to
    /// Graph's root.
    pub fn request(&self) -> (&'static str, String, serde_json::Value) {
        let assign = |user_id: &UserId, add: &[(SkuId, &BTreeSet<ServicePlanId>)], remove: &[SkuId]| {
            let add: Vec<serde_json::Value> =
                add.iter().map(|(sku_id, off)| serde_json::json!({ "skuId": sku_id, "disabledPlans": off })).collect();
            let body = serde_json::json!({ "addLicenses": add, "removeLicenses": remove });
            ("POST", format!("/users/{user_id}/assignLicense"), body)
        };
        match self {
            Self::RemoveLicense { user_id, sku_id } => assign(user_id, &[], &[*sku_id]),
            Self::AssignLicense { user_id, sku_id, disabled_plans }
            | Self::SetPlans { user_id, sku_id, disabled_plans } => assign(user_id, &[(*sku_id, disabled_plans)], &[]),
            Self::SwapLicense { user_id, remove, add, disabled_plans } => {
                assign(user_id, &[(*add, disabled_plans)], &[*remove])
            }
            Self::LeaveGroup { user_id, group_id } => {
                ("DELETE", format!("/groups/{group_id}/members/{user_id}/$ref"), serde_json::Value::Null)
            }
            Self::JoinGroup { user_id, group_id } => (
                "POST",
                format!("/groups/{group_id}/members/$ref"),
                serde_json::json!({ "@odata.id": format!("/directoryObjects/{user_id}") }),
            ),
        }
    }

    /// Whom it is about.
    pub const fn user_id(&self) -> UserId {
        match self {
            Self::RemoveLicense { user_id, .. }
            | Self::AssignLicense { user_id, .. }
            | Self::LeaveGroup { user_id, .. }
            | Self::JoinGroup { user_id, .. }
            | Self::SwapLicense { user_id, .. }
            | Self::SetPlans { user_id, .. } => *user_id,
        }
    }

    /// The group whose membership it changes.
    pub const fn group_id(&self) -> Option<GroupId> {
        match self {
            Self::LeaveGroup { group_id, .. } | Self::JoinGroup { group_id, .. } => Some(*group_id),
            Self::RemoveLicense { .. }
            | Self::AssignLicense { .. }
            | Self::SwapLicense { .. }
            | Self::SetPlans { .. } => None,
        }
    }

    /// What kind of plan item it is when it takes something; what it gives back is a restore.
    pub const fn kind(&self) -> PlanItemKind {
        match self {
            Self::RemoveLicense { .. } => PlanItemKind::Remove,
            Self::LeaveGroup { .. } => PlanItemKind::LeaveGroup,
            Self::SwapLicense { .. } => PlanItemKind::Swap,
            Self::SetPlans { .. } => PlanItemKind::DisablePlan,
            Self::AssignLicense { .. } | Self::JoinGroup { .. } => PlanItemKind::Restore,
        }
    }
}

/// One item: one candidate, one seat, the writes it comes to. They are made in order, each with an intent of
/// its own, and each only once the one before is proven.
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
    /// The first write.
    pub write: Write,
    /// What follows once the one before is proven.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub then: Vec<Write>,
    /// The groups that are left, as they were read.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub groups: Vec<GroupTerms>,
    /// What else the person loses, the gravest first.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub also_lost: Vec<AlsoLost>,
    /// The seat as it was approved.
    pub fingerprint: Fingerprint,
    /// The yes it rests on; `None` in a draft made before the approval.
    pub approval_id: Option<ApprovalId>,
    /// What the person loses.
    pub will_be_removed: Vec<SkuId>,
    /// What the person keeps.
    pub will_stay: Vec<SkuId>,
}

impl PlanItem {
    /// Every write, in order.
    pub fn writes(&self) -> impl Iterator<Item = &Write> {
        std::iter::once(&self.write).chain(&self.then)
    }

    /// What the approval of such an item is bound to besides the fingerprint; see [`RemovalPath::binding`].
    pub fn binding(&self) -> Option<String> {
        removal::binding(&self.write, &self.then, &self.groups)
    }
}

/// The hash of a plan: over the tenant and the items, not over who asked or when, so that the same
/// plan has the same hash from the console, the command line and REST (E16).
pub fn plan_hash(tenant_id: TenantId, items: &[PlanItem]) -> String {
    let mut lines: Vec<serde_json::Value> = items
        .iter()
        .map(|item| {
            let mut line = serde_json::json!({
                "candidate_id": item.candidate_id,
                "kind": item.kind,
                "write": item.write,
                "fingerprint": item.fingerprint,
                "approval_id": item.approval_id,
            });
            // Only where it says more than the line does.
            if let Some(binding) = item.binding() {
                line["binding"] = binding.into();
            }
            line
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

/// The writes that undo what was written, in the order in which they are made: the reverse one, so that
/// the license itself comes back before any membership does. `before` is the state before the first write.
///
/// # Errors
/// [`NoPath::NotHeld`] when `before` does not hold what a write says it took.
pub fn undo_writes<'a>(
    before: &LicenseState,
    written: impl DoubleEndedIterator<Item = &'a Write>,
) -> Result<Vec<Write>, NoPath> {
    let direct_plans = |sku_id: SkuId| {
        let seat = before.seat(sku_id).ok_or(NoPath::NotHeld)?;
        seat.direct().map(|path| path.disabled_plans.clone()).ok_or(NoPath::NotHeld)
    };
    written
        .rev()
        .map(|write| match write {
            Write::RemoveLicense { user_id, sku_id } => {
                Ok(Write::AssignLicense { user_id: *user_id, sku_id: *sku_id, disabled_plans: direct_plans(*sku_id)? })
            }
            Write::LeaveGroup { user_id, group_id } => Ok(Write::JoinGroup { user_id: *user_id, group_id: *group_id }),
            Write::SwapLicense { user_id, remove, add, .. } => Ok(Write::SwapLicense {
                user_id: *user_id,
                remove: *add,
                add: *remove,
                disabled_plans: direct_plans(*remove)?,
            }),
            Write::SetPlans { user_id, sku_id, .. } => {
                Ok(Write::SetPlans { user_id: *user_id, sku_id: *sku_id, disabled_plans: direct_plans(*sku_id)? })
            }
            // What gives is never the write of a removal.
            Write::AssignLicense { .. } | Write::JoinGroup { .. } => Err(NoPath::NotHeld),
        })
        .collect()
}

/// What the approval of an undo is bound to besides the seat; `None` where one direct assignment is all of it.
pub fn writes_binding(writes: &[Write]) -> Option<String> {
    match writes {
        [] | [Write::AssignLicense { .. }] => None,
        [first, then @ ..] => removal::binding(first, then, &[]),
    }
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
    fn a_plan_item_of_one_direct_write_is_the_document_it_always_was() {
        let item = PlanItem {
            item_id: PlanItemId::from_uuid(uuid::Uuid::from_u128(1)),
            candidate_id: CandidateId::from_uuid(uuid::Uuid::from_u128(2)),
            kind: PlanItemKind::Remove,
            user_id: user(),
            sku_id: sku(),
            write: Write::RemoveLicense { user_id: user(), sku_id: sku() },
            then: Vec::new(),
            groups: Vec::new(),
            also_lost: Vec::new(),
            fingerprint: Fingerprint::from_text("f"),
            approval_id: None,
            will_be_removed: vec![sku()],
            will_stay: Vec::new(),
        };
        let document = serde_json::to_value(&item).expect("an item is JSON");
        for newer in ["then", "groups", "also_lost"] {
            assert!(document.get(newer).is_none(), "{newer}");
        }
        assert_eq!(serde_json::from_value::<PlanItem>(document).expect("it reads back"), item);
        assert_eq!(item.binding(), None, "the fingerprint says it all");
        let tenant = TenantId::from_uuid(uuid::Uuid::from_u128(3));
        let alone = plan_hash(tenant, std::slice::from_ref(&item));
        let more = PlanItem { then: vec![item.write.clone()], ..item };
        assert_ne!(plan_hash(tenant, &[more]), alone, "what follows is part of the plan");
    }

    #[test]
    fn a_membership_is_removed_by_its_reference_and_never_without() {
        let group_id = "22222222-2222-4222-8222-222222222222".parse().expect("a GUID");
        let (method, path, body) = Write::LeaveGroup { user_id: user(), group_id }.request();
        assert_eq!(method, "DELETE");
        assert!(path.ends_with("/$ref"), "9#28: without it the account itself is deleted: {path}");
        assert!(body.is_null());
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
