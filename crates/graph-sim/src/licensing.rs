//! The rules Graph applies before it changes licenses: what is refused, and in which words.

use crate::catalogue::{DEPENDENCIES, EXCLUSIVE, SKUS, SkuIndex, find_sku};
use crate::errors::GraphError;
use crate::holdings::{Holdings, InheritedState};
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

impl World {
    /// What the person would hold after the request, or why it is refused. Looks at the truth, never at a lagging replica.
    pub fn check_assign(&self, index: u64, request: &Request) -> Result<Holdings, GraphError> {
        let mut after = self.holdings(index);
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
            if SKUS[*sku].for_company {
                return Err(GraphError::bad_request(format!(
                    "License {} cannot be assigned to a user.",
                    SKUS[*sku].part_number
                )));
            }
            if self.usage_location(index).is_none() {
                return Err(GraphError::bad_request(
                    "License assignment cannot be done for user with invalid usage location.",
                ));
            }
            let holds = self.holdings(index).seats() >> sku & 1 == 1;
            if !holds && self.consumed[*sku] >= self.prepaid[*sku] + Self::warning_units(*sku) {
                return Err(GraphError::bad_request(format!(
                    "Subscription with SKU {} does not have any available licenses.",
                    SKUS[*sku].id
                )));
            }
            match after.direct.iter_mut().find(|path| path.sku == *sku) {
                Some(path) => {
                    path.disabled.clone_from(disabled);
                    // Assigning again renews the date even where nothing else differs.
                    path.updated = 0;
                }
                None => after.direct.push(Self::direct(*sku, disabled.clone())),
            }
        }
        check_plans(&self.holdings(index), &after, !request.add.is_empty())?;
        Ok(after)
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

    /// The reconciliation of `reprocessLicenseAssignment`: the true error, or the holdings without what is stuck for nothing.
    pub fn check_reprocess(&self, index: u64) -> Result<Holdings, GraphError> {
        let mut after = self.holdings(index);
        after.inherited.retain(|path| path.state != InheritedState::Stuck);
        check_plans(&self.holdings(index), &after, false)?;
        Ok(after)
    }
}

/// The plans a person can use: on in at least one path.
pub fn enabled_plans(holdings: &Holdings) -> BTreeSet<Uuid> {
    let mut plans = BTreeSet::new();
    let paths = holdings
        .direct
        .iter()
        .map(|path| (path.sku, &path.disabled))
        .chain(holdings.inherited.iter().map(|path| (path.sku, &path.disabled)));
    for (sku, disabled) in paths {
        plans.extend(SKUS[sku].plans.iter().map(|plan| plan.id).filter(|plan| !disabled.contains(plan)));
    }
    plans
}

/// Refuses new conflicts and new orphans; what was already wrong before stays as it was.
fn check_plans(before: &Holdings, after: &Holdings, adding: bool) -> Result<(), GraphError> {
    let (had, has) = (enabled_plans(before), enabled_plans(after));
    if adding {
        for row in EXCLUSIVE {
            let on: Vec<Uuid> = row.iter().map(|plan| plan.id).filter(|plan| has.contains(plan)).collect();
            if on.len() > 1 && !on.iter().all(|plan| had.contains(plan)) {
                let names: Vec<String> = on.iter().map(Uuid::to_string).collect();
                return Err(GraphError::bad_request(format!(
                    "License assignment failed because service plans {} are mutually exclusive.",
                    names.join(", ")
                )));
            }
        }
    }
    for (plan, needed) in DEPENDENCIES {
        let orphan =
            |plans: &BTreeSet<Uuid>| plans.contains(&plan.id) && !needed.iter().any(|base| plans.contains(&base.id));
        if orphan(&has) && !orphan(&had) {
            let names: Vec<String> = needed.iter().map(|base| base.id.to_string()).collect();
            return Err(GraphError::bad_request(format!(
                "License assignment failed because service plan {} depends on the service plan(s) {}",
                plan.id,
                names.join(", ")
            )));
        }
    }
    Ok(())
}
