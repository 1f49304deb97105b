//! Reading one user object and what hangs on it.

use crate::catalogue::SKUS;
use crate::commands::Account;
use crate::errors::GraphError;
use crate::faults::Fault;
use crate::holdings::Holdings;
use crate::people::Kind;
use crate::request::Reply;
use crate::routes::listing::expanded_names;
use crate::routes::user_fields::{BASIC, DEFAULT, check_selected, project, project_with};
use crate::routes::user_row::Options;
use crate::settings::LeaveDate;
use crate::sim::Call;
use crate::world::World;
use serde_json::{Value, json};
use std::sync::atomic::Ordering;

/// Refuses sign-ins where the tenant has no premium, seems to have none, or the caller lacks the permission.
pub fn premium_gate(call: &Call<'_>, world: &World) -> Result<(), GraphError> {
    let every = world.settings.premium_error_every;
    let seen = call.sim.sign_in_requests.fetch_add(1, Ordering::Relaxed) + 1;
    if !world.settings.premium || (every > 0 && seen.is_multiple_of(every)) {
        return Err(GraphError::new(
            403,
            "Authentication_RequestFromNonPremiumTenantOrB2CTenant",
            "Neither tenant is B2C or tenant doesn't have premium license",
        ));
    }
    call.caller.needs(&["AuditLog.Read.All"])
}

/// Judges `employeeLeaveDateTime`; true where it must come back as null.
pub fn check_leave_date(call: &Call<'_>, world: &World, names: &[&str]) -> Result<bool, GraphError> {
    if !names.contains(&"employeeLeaveDateTime") || call.caller.needs(&["User-LifeCycleInfo.Read.All"]).is_ok() {
        return Ok(false);
    }
    match world.settings.leave_date_refusal {
        LeaveDate::Forbidden => Err(GraphError::denied()),
        LeaveDate::BadRequest => Err(GraphError::bad_request(
            "Property 'employeeLeaveDateTime' cannot be read without the permission User-LifeCycleInfo.Read.All.",
        )),
        LeaveDate::Null => Ok(true),
    }
}

/// What this read may see of a person's licenses: lagging, or spoiled by a fault.
fn visible(call: &Call<'_>, world: &World, index: u64) -> Holdings {
    match call.bite.map(|bite| (bite.fault, bite.draw)) {
        Some((Fault::StaleRead, _)) => world.holdings_before(index).unwrap_or_else(|| world.holdings(index)),
        // A flickering replica answers the old state to one read and the new one to the next.
        Some((Fault::FlickeringRead, draw)) if draw & 1 == 0 => {
            world.holdings_before(index).unwrap_or_else(|| world.holdings(index))
        }
        Some((Fault::FlickeringRead, _)) => world.holdings(index),
        _ => world.holdings_as_read(index, call.now),
    }
}

/// The manager above a person, with their own above them as far as `$levels` goes.
fn expanded_manager(call: &Call<'_>, world: &World, index: u64, names: &[&str], levels: u32) -> Option<Value> {
    let manager = world.population.manager(index).filter(|manager| !world.is_deleted(*manager) && *manager != index)?;
    let mut object = project(world, manager, &Holdings::default(), names, call.now);
    object.insert("@odata.type".to_owned(), Value::from("#microsoft.graph.user"));
    if levels > 1
        && let Some(above) = expanded_manager(call, world, manager, names, levels - 1)
    {
        object.insert("manager".to_owned(), above);
    }
    Some(Value::Object(object))
}

fn levels(expand: &str) -> u32 {
    let found = expand.split_once("$levels=").map(|(_, rest)| rest.split([';', ')']).next().unwrap_or_default());
    found.map_or(1, |text| if text == "max" { 1000 } else { text.parse().unwrap_or(1) })
}

/// Finds a user object or answers 404.
pub fn must_find(world: &World, key: &str) -> Result<u64, GraphError> {
    world.find_user(key).ok_or_else(|| GraphError::not_found(key))
}

/// Other actors interfere right before this read or write (G27, G37, G40).
pub fn interfere(call: &Call<'_>, index: u64, sku: Option<usize>) -> Result<(), GraphError> {
    let Some(bite) = call.bite else { return Ok(()) };
    if !matches!(bite.fault, Fault::BecameInherited | Fault::AlreadyGone | Fault::PlansChanged) {
        return Ok(());
    }
    let held = call.sim.read_world().holdings(index).direct;
    let Some(target) = held.iter().find(|path| sku.is_none_or(|sku| path.sku == sku)) else { return Ok(()) };
    let command = match bite.fault {
        Fault::BecameInherited => crate::commands::Command::BecomeInherited { user: index, sku: target.sku },
        Fault::AlreadyGone => {
            let direct = held
                .iter()
                .filter(|path| path.sku != target.sku)
                .map(|path| (path.sku, path.disabled.clone()))
                .collect();
            crate::commands::Command::Patch {
                user: index,
                account: Account { direct: Some(direct), ..Account::default() },
            }
        }
        _ => {
            let disabled = if target.disabled.is_empty() {
                SKUS[target.sku].plans.first().map(|plan| vec![plan.id]).unwrap_or_default()
            } else {
                Vec::new()
            };
            crate::commands::Command::Reassign { user: index, sku: target.sku, disabled }
        }
    };
    call.sim.change(|_| Ok(command))
}

/// `GET /users/{id}`.
pub fn get(call: &Call<'_>, key: &str) -> Result<Reply, GraphError> {
    let selected = call.request.selected();
    let basic = selected.as_ref().is_none_or(|names| names.iter().all(|name| BASIC.contains(&name.as_str())));
    call.caller.needs(if basic { &["User.ReadBasic.All", "User.Read.All"] } else { &["User.Read.All"] })?;
    if let Some(names) = &selected {
        check_selected(names)?;
    }
    let names: Vec<&str> =
        selected.as_ref().map_or(DEFAULT.to_vec(), |names| names.iter().map(String::as_str).collect());
    let index = must_find(&call.sim.read_world(), key)?;
    interfere(call, index, None)?;
    let world = call.sim.read_world();
    if names.contains(&"signInActivity") {
        premium_gate(call, &world)?;
        if world.settings.sign_in_by_id_only && key.parse::<uuid::Uuid>().is_err() {
            return Err(GraphError::bad_request("Get By Key only supports UserId and the key has to be a valid Guid"));
        }
    }
    let options = Options { blind: false, hide_leave_date: check_leave_date(call, &world, &names)? };
    let mut map = project_with(&world, index, &visible(call, &world, index), &names, call.now, options);
    if names.contains(&"mailboxSettings") {
        map.insert("mailboxSettings".to_owned(), json!({"userPurpose": purpose(&world, index)?}));
    }
    if let Some(expand) = call.request.option("$expand").filter(|expand| expand.starts_with("manager"))
        && let Some(manager) = expanded_manager(call, &world, index, &expanded_names(expand), levels(expand))
    {
        map.insert("manager".to_owned(), manager);
    }
    map.insert("@odata.context".to_owned(), Value::from(format!("{}/$metadata#users/$entity", call.root())));
    Ok(Reply::json(200, &Value::Object(map)))
}

/// The signed-in person of a delegated token.
pub fn myself(call: &Call<'_>) -> Result<u64, GraphError> {
    call.caller.user.ok_or_else(|| {
        GraphError::new(400, "BadRequest", "/me request is only valid with delegated authentication flow.")
    })
}

/// `GET /me`.
pub fn me(call: &Call<'_>) -> Result<Reply, GraphError> {
    let index = myself(call)?;
    call.caller.needs(&["User.Read", "User.Read.All"])?;
    let selected = call.request.selected();
    if let Some(names) = &selected {
        check_selected(names)?;
    }
    let names: Vec<&str> =
        selected.as_ref().map_or(DEFAULT.to_vec(), |names| names.iter().map(String::as_str).collect());
    let world = call.sim.read_world();
    let mut map = project(&world, index, &world.holdings_as_read(index, call.now), &names, call.now);
    map.insert("@odata.context".to_owned(), Value::from(format!("{}/$metadata#users/$entity", call.root())));
    Ok(Reply::json(200, &Value::Object(map)))
}

pub fn manager(call: &Call<'_>, key: &str) -> Result<Reply, GraphError> {
    call.caller.needs(&["User.Read.All"])?;
    let world = call.sim.read_world();
    let index = must_find(&world, key)?;
    let manager = world
        .population
        .manager(index)
        .filter(|manager| !world.is_deleted(*manager))
        .ok_or_else(|| GraphError::not_found("manager"))?;
    let selected = call.request.selected();
    let names: Vec<&str> =
        selected.as_ref().map_or(DEFAULT.to_vec(), |names| names.iter().map(String::as_str).collect());
    let mut map = project(&world, manager, &Holdings::default(), &names, call.now);
    map.insert("@odata.type".to_owned(), Value::from("#microsoft.graph.user"));
    Ok(Reply::json(200, &Value::Object(map)))
}

pub fn license_details(call: &Call<'_>, key: &str) -> Result<Reply, GraphError> {
    call.caller.needs(&["LicenseAssignment.Read.All", "Organization.Read.All", "User.Read.All"])?;
    let world = call.sim.read_world();
    let index = must_find(&world, key)?;
    let holdings = visible(call, &world, index);
    let seats = holdings.seats();
    let value: Vec<Value> = (0..SKUS.len())
        .filter(|sku| seats >> sku & 1 == 1)
        .map(|sku| {
            let disabled = holdings.disabled_plans(sku);
            let plans: Vec<Value> = SKUS[sku]
                .plans
                .iter()
                .map(|plan| json!({"servicePlanId": plan.id, "servicePlanName": plan.wire_name(), "provisioningStatus": if disabled.contains(&plan.id) { "Disabled" } else { "Success" },
                    "appliesTo": if plan.for_company { "Company" } else { "User" }}))
                .collect();
            json!({"id": format!("{}_{}", world.user_id(index).simple(), SKUS[sku].id.simple()), "skuId": SKUS[sku].id, "skuPartNumber": SKUS[sku].part_number, "servicePlans": plans})
        })
        .collect();
    Ok(Reply::json(
        200,
        &json!({"@odata.context": format!("{}/$metadata#users('{key}')/licenseDetails", call.root()), "value": value}),
    ))
}

pub fn mailbox_settings(call: &Call<'_>, key: &str) -> Result<Reply, GraphError> {
    call.caller.needs(&["MailboxSettings.Read"])?;
    let world = call.sim.read_world();
    let index = must_find(&world, key)?;
    let purpose = purpose(&world, index)?;
    let body = if call.request.path.ends_with("userPurpose") {
        json!({"@odata.context": format!("{}/$metadata#users('{key}')/mailboxSettings/userPurpose", call.root()), "value": purpose})
    } else {
        json!({"@odata.context": format!("{}/$metadata#users('{key}')/mailboxSettings", call.root()), "userPurpose": purpose, "timeZone": "UTC"})
    };
    Ok(Reply::json(200, &body))
}

/// What a mailbox is for, if there is one.
fn purpose(world: &World, index: u64) -> Result<&'static str, GraphError> {
    match world.population.kind(index) {
        Kind::Shared => Ok("shared"),
        Kind::Room if index.is_multiple_of(3) => Ok("equipment"),
        Kind::Room => Ok("room"),
        Kind::Guest | Kind::Service => Err(GraphError::new(
            404,
            "MailboxNotEnabledForRESTAPI",
            "The mailbox is either inactive, soft-deleted, or is hosted on-premise.",
        )),
        _ => Ok("user"),
    }
}
