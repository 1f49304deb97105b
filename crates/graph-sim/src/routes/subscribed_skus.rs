//! What the tenant bought, and the tenant itself.

use crate::catalogue::{FLOW_FREE, MCOMEETADV, SKUS, STORAGE, SkuIndex, find_sku};
use crate::clock::{DAY, second_text};
use crate::errors::GraphError;
use crate::people::DOMAIN;
use crate::request::Reply;
use crate::roles;
use crate::seed::Topic;
use crate::sim::Call;
use crate::world::World;
use serde_json::{Map, Value, json};
use uuid::Uuid;

const READ: &[&str] = &["LicenseAssignment.Read.All", "Organization.Read.All"];

fn plans(sku: SkuIndex) -> Vec<Value> {
    SKUS[sku]
        .plans
        .iter()
        .map(|plan| {
            json!({"servicePlanId": plan.id, "servicePlanName": plan.wire_name(), "provisioningStatus": "Success",
                "appliesTo": if plan.for_company { "Company" } else { "User" }})
        })
        .collect()
}

/// Days of a term: most are bought for a year, the trial and one add-on by the month.
fn term(sku: SkuIndex) -> i64 {
    if matches!(sku, FLOW_FREE | MCOMEETADV) { 30 } else { 365 }
}

/// The state of what was bought: live, past expiry, or over (3.1).
fn status(world: &World, sku: SkuIndex) -> &'static str {
    match (world.prepaid[sku], world.warning[sku], world.suspended[sku]) {
        (0, 0, 1..) => "Suspended",
        (0, 1.., _) => "Warning",
        _ => "Enabled",
    }
}

/// What was bought is no secret, but a signed-in person may need a role (0.2).
fn check_caller(call: &Call<'_>) -> Result<(), GraphError> {
    call.caller.needs(READ)?;
    if call.sim.read_world().settings.skus_need_role { call.caller.needs_role(roles::READ_SKUS) } else { Ok(()) }
}

fn subscription_id(world: &World, sku: SkuIndex) -> Uuid {
    world.population.seed.guid(sku as u64, Topic::Subscription)
}

fn object(call: &Call<'_>, world: &World, sku: SkuIndex) -> Map<String, Value> {
    let tenant = call.sim.tenant_id;
    let full = json!({
        "id": format!("{tenant}_{}", SKUS[sku].id), "accountId": tenant, "accountName": "Contoso", "skuId": SKUS[sku].id,
        "skuPartNumber": SKUS[sku].part_number, "appliesTo": if SKUS[sku].for_company { "Company" } else { "User" },
        "capabilityStatus": status(world, sku), "consumedUnits": world.consumed_as_read(call.now)[sku],
        "prepaidUnits": {"enabled": world.prepaid[sku], "warning": world.warning[sku], "suspended": world.suspended[sku], "lockedOut": 0},
        "servicePlans": plans(sku), "subscriptionIds": [subscription_id(world, sku)],
    });
    let Value::Object(mut map) = full else { return Map::new() };
    if let Some(names) = call.request.selected() {
        map.retain(|key, _| key == "id" || names.iter().any(|name| name == key));
    }
    map
}

/// `GET /subscribedSkus`: one page, only `$select`.
pub fn list(call: &Call<'_>) -> Result<Reply, GraphError> {
    check_caller(call)?;
    for option in ["$filter", "$top", "$orderby", "$search", "$skip"] {
        if call.request.option(option).is_some() {
            let text = format!("The query option '{option}' is not supported for this resource.");
            return Err(GraphError::new(400, "Request_UnsupportedQuery", text));
        }
    }
    let world = call.sim.read_world();
    let value: Vec<Value> = (0..SKUS.len()).map(|sku| Value::Object(object(call, &world, sku))).collect();
    let context = format!("{}/$metadata#subscribedSkus", call.root());
    Ok(Reply::json(200, &json!({"@odata.context": context, "value": value})))
}

/// `GET /subscribedSkus/{account}_{sku}`.
pub fn get(call: &Call<'_>, id: &str) -> Result<Reply, GraphError> {
    check_caller(call)?;
    let sku = id
        .split_once('_')
        .filter(|(account, _)| account.eq_ignore_ascii_case(&call.sim.tenant_id.to_string()))
        .and_then(|(_, sku)| sku.parse().ok())
        .and_then(find_sku)
        .ok_or_else(|| GraphError::not_found(id))?;
    let world = call.sim.read_world();
    Ok(Reply::json(200, &Value::Object(object(call, &world, sku))))
}

/// `GET /directory/subscriptions`: one subscription a license type, renewed at different times of the year.
pub fn subscriptions(call: &Call<'_>) -> Result<Reply, GraphError> {
    call.caller.needs(&["Organization.Read.All"])?;
    let world = call.sim.read_world();
    let seed = world.population.seed;
    let value: Vec<Value> = (0..SKUS.len())
        .map(|sku| {
            let most = if term(sku) < 40 { 25 } else { 330 };
            let started = world.population.epoch - DAY * seed.between(sku as u64, Topic::Subscription, most / 8, most);
            json!({
                "id": subscription_id(&world, sku), "commerceSubscriptionId": seed.guid(1000 + sku as u64, Topic::Subscription),
                "skuId": SKUS[sku].id, "skuPartNumber": SKUS[sku].part_number, "status": status(&world, sku), "isTrial": sku == FLOW_FREE,
                "totalLicenses": world.prepaid[sku] + world.warning[sku] + world.suspended[sku], "createdDateTime": second_text(started),
                "nextLifecycleDateTime": (sku != STORAGE).then(|| second_text(started + term(sku) * DAY)),
                "ownerId": null, "ownerTenantId": null, "ownerType": null, "serviceStatus": plans(sku),
            })
        })
        .collect();
    let context = format!("{}/$metadata#directory/subscriptions", call.root());
    Ok(Reply::json(200, &json!({"@odata.context": context, "value": value})))
}

/// `GET /organization`.
pub fn organization(call: &Call<'_>) -> Result<Reply, GraphError> {
    call.caller.needs(&["Organization.Read.All"])?;
    let world = call.sim.read_world();
    let value = json!([{
        "id": call.sim.tenant_id, "displayName": "Contoso", "tenantType": "AAD", "countryLetterCode": "US", "preferredLanguage": "en",
        "createdDateTime": second_text(world.population.epoch - 3300 * DAY), "onPremisesSyncEnabled": true,
        "verifiedDomains": [{"name": DOMAIN, "isDefault": true, "isInitial": true, "type": "Managed", "capabilities": "Email, OfficeCommunicationsOnline"}],
        "assignedPlans": [], "provisionedPlans": [], "technicalNotificationMails": [],
    }]);
    let context = format!("{}/$metadata#organization", call.root());
    Ok(Reply::json(200, &json!({"@odata.context": context, "value": value})))
}
