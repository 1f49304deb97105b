//! The rules Graph applies before it changes licenses: what is refused, and in which words.

use crate::catalogue::{DEPENDENCIES, EXCLUSIVE, SKUS, SkuIndex, find_sku};
use crate::errors::GraphError;
use crate::holdings::{Holdings, Inherited, InheritedState, LicenseFault};
use crate::world::{GroupLicense, World};
use serde_json::Value;
use std::collections::BTreeSet;
use uuid::Uuid;

/// A license to add, with the plans switched off.
pub type Addition = (SkuIndex, Vec<Uuid>);

/// The body of `assignLicense`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Request {
    pub add: Vec<Addition>,
    pub remove: Vec<SkuIndex>,
}

impl Request {
    /// Reads the body; both keys must be present even when empty.
    pub fn parse(body: &Value) -> Result<Self, GraphError> {
        let list = |name: &str| {
            body.get(name).and_then(Value::as_array).ok_or_else(|| GraphError::bad_request(format!("One or more parameters of the operation 'assignLicense' are missing from the request payload. The missing parameters are: {name}.")))
        };
        let guid = |value: &Value| {
            let text = value.as_str().unwrap_or_default();
            text.parse::<Uuid>().map_err(|_| GraphError::bad_request(format!("Invalid GUID:{text}")))
        };
        let sku = |id: Uuid| {
            find_sku(id).ok_or_else(|| {
                GraphError::bad_request(format!("License {id} does not correspond to a valid company License."))
            })
        };
        let mut request = Self::default();
        for entry in list("addLicenses")? {
            let sku = sku(guid(entry.get("skuId").unwrap_or(&Value::Null))?)?;
            let disabled = entry
                .get("disabledPlans")
                .and_then(Value::as_array)
                .map_or(Ok(Vec::new()), |plans| plans.iter().map(&guid).collect())?;
            if let Some(plan) = disabled.iter().find(|plan| !SKUS[sku].plans.iter().any(|known| known.id == **plan)) {
                return Err(GraphError::bad_request(format!(
                    "License assignment failed because service plan {plan} is not a part of license {}.",
                    SKUS[sku].id
                )));
            }
            request.add.push((sku, disabled));
        }
        for entry in list("removeLicenses")? {
            request.remove.push(sku(guid(entry)?)?);
        }
        Ok(request)
    }
}

/// Countries in which nothing may be given: the service is not sold there.
const PROHIBITED: [&str; 4] = ["CU", "IR", "KP", "SY"];

/// What stands between a set of plans and another.
enum Conflict {
    Exclusive(Vec<Uuid>),
    Orphan { plan: Uuid, needed: Vec<Uuid> },
}

impl Conflict {
    fn error(&self) -> GraphError {
        let list = |ids: &[Uuid]| ids.iter().map(Uuid::to_string).collect::<Vec<_>>().join(", ");
        GraphError::bad_request(match self {
            Self::Exclusive(plans) => {
                format!("License assignment failed because service plans {} are mutually exclusive.", list(plans))
            }
            Self::Orphan { plan, needed } => format!(
                "License assignment failed because service plan {plan} depends on the service plan(s) {}",
                list(needed)
            ),
        })
    }
}

fn no_seat(sku: SkuIndex) -> GraphError {
    GraphError::bad_request(format!("Subscription with SKU {} does not have any available licenses.", SKUS[sku].id))
}

fn bad_location() -> GraphError {
    GraphError::bad_request("License assignment cannot be done for user with invalid usage location.")
}

impl World {
    fn has_seat_for(&self, sku: SkuIndex) -> bool {
        self.settings.over_assignment || self.consumed[sku] < self.prepaid[sku] + self.warning[sku]
    }

    /// What the person would hold after the request, or why it is refused. Looks at the truth, never at a lagging replica.
    pub fn check_assign(&self, index: u64, request: &Request) -> Result<Holdings, GraphError> {
        let before = self.holdings(index);
        let mut after = before.clone();
        for sku in &request.remove {
            if !after.direct.iter().any(|path| path.sku == *sku) {
                return Err(GraphError::bad_request(if after.inherited.iter().any(|path| path.sku == *sku) {
                    "User license is inherited from a group membership and it cannot be removed directly from the user."
                } else {
                    "User does not have a corresponding license."
                }));
            }
            after.direct.retain(|path| path.sku != *sku);
        }
        for (sku, disabled) in &request.add {
            self.check_addition(index, *sku, &before)?;
            match after.direct.iter_mut().find(|path| path.sku == *sku) {
                Some(_) if !self.settings.assign_held_succeeds => {
                    return Err(GraphError::bad_request("User already has a corresponding license."));
                }
                Some(path) => {
                    if self.settings.assign_replaces_plans {
                        path.disabled.clone_from(disabled);
                    }
                    // Assigning again renews the date even where nothing else differs.
                    path.updated = 0;
                }
                None => after.direct.push(Self::direct(*sku, disabled.clone())),
            }
        }
        check_plans(&before, &after, !request.add.is_empty()).map_err(|conflict| conflict.error())?;
        Ok(after)
    }

    /// Whether a license type may be given to the person at all, and whether a seat is left.
    fn check_addition(&self, index: u64, sku: SkuIndex, before: &Holdings) -> Result<(), GraphError> {
        if SKUS[sku].for_company {
            return Err(GraphError::bad_request(format!(
                "License {} cannot be assigned to a user.",
                SKUS[sku].part_number
            )));
        }
        match self.usage_location(index) {
            Some(code) if !PROHIBITED.contains(&code.as_ref()) => {}
            _ => return Err(bad_location()),
        }
        let holds = before.seats() >> sku & 1 == 1;
        if holds || self.has_seat_for(sku) { Ok(()) } else { Err(no_seat(sku)) }
    }

    /// What a group would carry after the request.
    pub fn check_group_assign(
        &self,
        group: usize,
        request: &Request,
        now_seconds: i64,
    ) -> Result<Vec<GroupLicense>, GraphError> {
        let mut after = self.group_licenses[group].clone();
        for sku in &request.remove {
            if !after.iter().any(|license| license.sku == *sku) {
                return Err(GraphError::bad_request("Group does not have a corresponding license."));
            }
            after.retain(|license| license.sku != *sku);
        }
        for (sku, disabled) in &request.add {
            after.retain(|license| license.sku != *sku);
            after.push(GroupLicense { sku: *sku, disabled: disabled.clone(), since: now_seconds });
        }
        Ok(after)
    }

    /// How a group's license reaches a person who holds `now_held`.
    pub fn inherited_state(&self, index: u64, now_held: &Holdings, sku: SkuIndex, disabled: &[Uuid]) -> InheritedState {
        let prohibited = self.usage_location(index).is_some_and(|code| PROHIBITED.contains(&code.as_ref()));
        if prohibited {
            return InheritedState::Failed(LicenseFault::ProhibitedInUsageLocationViolation);
        }
        if now_held.seats() >> sku & 1 == 0 && !self.has_seat_for(sku) {
            return InheritedState::Failed(LicenseFault::CountViolation);
        }
        let mut with = now_held.clone();
        with.direct.push(Self::direct(sku, disabled.to_vec()));
        match check_plans(now_held, &with, true) {
            Ok(()) => InheritedState::Active,
            Err(Conflict::Exclusive(_)) => InheritedState::Failed(LicenseFault::MutuallyExclusiveViolation),
            Err(Conflict::Orphan { .. }) => InheritedState::Failed(LicenseFault::DependencyViolation),
        }
    }

    /// Whether something the person keeps needs a plan of what would go.
    pub fn would_orphan(&self, before: &Holdings, after: &Holdings) -> bool {
        check_plans(before, after, false).is_err()
    }

    /// The reconciliation of `reprocessLicenseAssignment`: the true error, or the holdings without what is stuck for
    /// nothing and with what can be given now.
    pub fn check_reprocess(&self, index: u64) -> Result<Holdings, GraphError> {
        let before = self.holdings(index);
        let mut after = before.clone();
        after.inherited.retain(|path| path.state != InheritedState::Stuck);
        check_plans(&before, &after, false).map_err(|conflict| conflict.error())?;
        let failed: Vec<Inherited> = after.inherited.iter().filter(|path| !path.state.gives()).cloned().collect();
        after.inherited.retain(|path| path.state.gives());
        for mut path in failed {
            if path.state == InheritedState::Failed(LicenseFault::UniquenessViolation) {
                return Err(GraphError::bad_request(
                    "License assignment failed because a proxy address of the user is already used in the tenant.",
                ));
            }
            path.state = self.inherited_state(index, &after, path.sku, &path.disabled);
            if let InheritedState::Failed(fault) = path.state {
                return Err(self.true_error(fault, &after, &path));
            }
            after.inherited.push(path);
        }
        Ok(after)
    }

    fn true_error(&self, fault: LicenseFault, held: &Holdings, path: &Inherited) -> GraphError {
        match fault {
            LicenseFault::CountViolation => no_seat(path.sku),
            LicenseFault::ProhibitedInUsageLocationViolation => bad_location(),
            LicenseFault::MutuallyExclusiveViolation
            | LicenseFault::DependencyViolation
            | LicenseFault::UniquenessViolation
            | LicenseFault::Other => {
                let mut with = held.clone();
                with.direct.push(Self::direct(path.sku, path.disabled.clone()));
                let conflict = check_plans(held, &with, true).err();
                conflict.map_or_else(|| GraphError::bad_request("License assignment failed."), |found| found.error())
            }
        }
    }
}

/// The plans a person can use: on in at least one path.
pub fn enabled_plans(holdings: &Holdings) -> BTreeSet<Uuid> {
    let mut plans = BTreeSet::new();
    let given = holdings.inherited.iter().filter(|path| path.state.gives());
    let paths = holdings
        .direct
        .iter()
        .map(|path| (path.sku, &path.disabled))
        .chain(given.map(|path| (path.sku, &path.disabled)));
    for (sku, disabled) in paths {
        plans.extend(SKUS[sku].plans.iter().map(|plan| plan.id).filter(|plan| !disabled.contains(plan)));
    }
    plans
}

/// Refuses new conflicts and new orphans; what was already wrong before stays as it was.
fn check_plans(before: &Holdings, after: &Holdings, adding: bool) -> Result<(), Conflict> {
    let (had, has) = (enabled_plans(before), enabled_plans(after));
    if adding {
        for row in EXCLUSIVE {
            let on: Vec<Uuid> = row.iter().map(|plan| plan.id).filter(|plan| has.contains(plan)).collect();
            if on.len() > 1 && !on.iter().all(|plan| had.contains(plan)) {
                return Err(Conflict::Exclusive(on));
            }
        }
    }
    for (plan, needed) in DEPENDENCIES {
        let orphan =
            |plans: &BTreeSet<Uuid>| plans.contains(&plan.id) && !needed.iter().any(|base| plans.contains(&base.id));
        if orphan(&has) && !orphan(&had) {
            return Err(Conflict::Orphan { plan: plan.id, needed: needed.iter().map(|base| base.id).collect() });
        }
    }
    Ok(())
}
