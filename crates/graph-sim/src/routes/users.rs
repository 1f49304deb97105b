//! Reading users: the collection and what hangs on one user object.

use crate::catalogue::SKUS;
use crate::clock::{Millis, parse_moment, second_text};
use crate::errors::GraphError;
use crate::faults::Fault;
use crate::holdings::Holdings;
use crate::people::Kind;
use crate::request::Reply;
use crate::routes::pages::{self, Position};
use crate::routes::user_fields::{DEFAULT, ELSEWHERE, check_selected, project, sign_ins};
use crate::sim::Call;
use crate::world::World;
use serde_json::{Map, Value, json};
use std::ops::Range;

/// What `$filter` on the collection may ask here.
enum Filter {
    Everyone,
    Enabled(bool),
    Ids(Vec<u64>),
    Licensed(bool),
    HoldsSku(usize),
    SignedInBefore(Millis),
    Guests(bool),
    Upn(String),
    /// Sign-in names between two texts, both included, whatever their case.
    UpnBetween(Option<String>, Option<String>),
}

impl Filter {
    fn parse(world: &World, text: Option<&str>, advanced: bool) -> Result<Self, GraphError> {
        let Some(text) = text.map(str::trim).filter(|text| !text.is_empty()) else { return Ok(Self::Everyone) };
        let unsupported = || GraphError::new(400, "Request_UnsupportedQuery", "Unsupported Query.");
        if let Some(date) = text.strip_prefix("signInActivity/lastSignInDateTime le ") {
            return parse_moment(date.trim()).map(Self::SignedInBefore).ok_or_else(|| {
                GraphError::new(400, "BadRequest", format!("Invalid filter clause: '{date}' is no date."))
            });
        }
        if text.contains("id eq ") && !text.contains("skuId") {
            let ids = text
                .split(" or ")
                .filter_map(|part| world.find_user(part.trim().trim_start_matches("id eq ").trim_matches('\'')))
                .collect();
            return Ok(Self::Ids(ids));
        }
        if ["userPrincipalName ge '", "userPrincipalName le '"].iter().any(|start| text.starts_with(start)) {
            return Self::between(text).ok_or_else(unsupported);
        }
        if let Some(sku) = text
            .strip_prefix("assignedLicenses/any(")
            .and_then(|rest| rest.rsplit(' ').next())
            .map(|id| id.trim_end_matches(')'))
        {
            let sku = sku.parse().ok().and_then(crate::catalogue::find_sku);
            return sku.map(Self::HoldsSku).ok_or_else(unsupported);
        }
        match text {
            "accountEnabled eq true" => Ok(Self::Enabled(true)),
            "accountEnabled eq false" => Ok(Self::Enabled(false)),
            "accountEnabled ne true" if advanced => Ok(Self::Enabled(false)),
            "accountEnabled ne false" if advanced => Ok(Self::Enabled(true)),
            "userType eq 'Guest'" => Ok(Self::Guests(true)),
            "userType eq 'Member'" => Ok(Self::Guests(false)),
            "assignedLicenses/$count ne 0" if advanced => Ok(Self::Licensed(true)),
            "assignedLicenses/$count eq 0" if advanced => Ok(Self::Licensed(false)),
            _ => match text.strip_prefix("userPrincipalName eq ") {
                Some(upn) => Ok(Self::Upn(upn.trim_matches('\'').to_owned())),
                None => Err(unsupported()),
            },
        }
    }

    /// `userPrincipalName ge 'a' and userPrincipalName le 'b'`, or one of the two.
    fn between(text: &str) -> Option<Self> {
        let (mut from, mut to) = (None, None);
        for term in text.split(" and ") {
            let (operator, literal) = term.trim().strip_prefix("userPrincipalName ")?.split_once(' ')?;
            let value = literal.trim().strip_prefix('\'')?.strip_suffix('\'')?.replace("\'\'", "'").to_lowercase();
            match operator {
                "ge" => from = Some(value),
                "le" => to = Some(value),
                _ => return None,
            }
        }
        Some(Self::UpnBetween(from, to))
    }

    /// Whom to look at from a position on: everybody, or the few that are named.
    fn candidates(&self, world: &World, from: u64) -> Vec<Range<u64>> {
        match self {
            Self::Ids(ids) => {
                let mut named: Vec<u64> = ids.iter().copied().filter(|index| *index >= from).collect();
                named.sort_unstable();
                named.dedup();
                named.into_iter().map(|index| index..index + 1).collect()
            }
            _ => vec![from..world.population.users],
        }
    }

    fn admits(&self, world: &World, index: u64, now: Millis) -> bool {
        match self {
            Self::Everyone => true,
            Self::Enabled(wanted) => world.is_enabled(index) == *wanted,
            Self::Ids(ids) => ids.contains(&index),
            Self::Licensed(wanted) => (world.holdings_as_read(index, now).seats() != 0) == *wanted,
            Self::HoldsSku(sku) => world.holdings_as_read(index, now).seats() >> sku & 1 == 1,
            Self::SignedInBefore(limit) => {
                sign_ins(world, index, now).and_then(|found| found.interactive).is_some_and(|at| at * 1000 <= *limit)
            }
            Self::Guests(wanted) => (world.population.kind(index) == Kind::Guest) == *wanted,
            Self::Upn(upn) => world.population.person(index).upn.eq_ignore_ascii_case(upn),
            Self::UpnBetween(from, to) => {
                let upn = world.population.person(index).upn.to_lowercase();
                from.as_ref().is_none_or(|from| *from <= upn) && to.as_ref().is_none_or(|to| upn <= *to)
            }
        }
    }
}

fn premium_gate(call: &Call<'_>, world: &World) -> Result<(), GraphError> {
    if !world.settings.premium {
        return Err(GraphError::new(
            403,
            "Authentication_RequestFromNonPremiumTenantOrB2CTenant",
            "Neither tenant is B2C or tenant doesn't have premium license",
        ));
    }
    call.caller.needs(&["AuditLog.Read.All"])
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

fn expand_manager(call: &Call<'_>, world: &World, index: u64, expand: &str, map: &mut Map<String, Value>) {
    let Some(manager) = world.population.manager(index).filter(|manager| !world.is_deleted(*manager)) else { return };
    let wanted: Vec<&str> = expand
        .split_once("$select=")
        .map_or(DEFAULT.to_vec(), |(_, list)| list.trim_end_matches(')').split(',').map(str::trim).collect());
    let mut object = project(world, &world.population.person(manager), &Holdings::default(), &wanted, call.now);
    object.insert("@odata.type".to_owned(), Value::from("#microsoft.graph.user"));
    map.insert("manager".to_owned(), Value::Object(object));
}

pub fn list(call: &Call<'_>) -> Result<Reply, GraphError> {
    let request = call.request;
    call.caller.needs(&["User.Read.All"])?;
    let advanced =
        request.is_eventual() && request.option("$count").is_some_and(|count| count.eq_ignore_ascii_case("true"));
    let selected = request.selected();
    if let Some(names) = &selected {
        check_selected(names)?;
        if let Some(name) = names.iter().find(|name| ELSEWHERE.contains(&name.as_str())) {
            return Err(match name.as_str() {
                "mailboxSettings" => {
                    GraphError::new(400, "ExplicitTargetMailboxIdShouldNotBeNullOrWhiteSpace", "The Id is invalid.")
                }
                _ => GraphError::new(501, "NotImplemented", "This operation target is not yet supported."),
            });
        }
    }
    let names: Vec<&str> =
        selected.as_ref().map_or(DEFAULT.to_vec(), |names| names.iter().map(String::as_str).collect());
    if request.option("$search").is_some() {
        return Err(GraphError::new(
            400,
            "Request_UnsupportedQuery",
            "Request with $search query parameter only works through MSGraph with a special request header: 'ConsistencyLevel: eventual'",
        ));
    }
    if request.option("$skip").is_some() {
        return Err(GraphError::new(400, "Request_BadRequest", "'$skip' is not supported by the service."));
    }
    let expand = request.option("$expand");
    if expand.is_some_and(|expand| !expand.starts_with("manager")) || (expand.is_some() && advanced) {
        return Err(GraphError::new(
            400,
            "Request_UnsupportedQuery",
            "The $expand query is not supported for this request.",
        ));
    }
    let world = call.sim.read_world();
    let filter = Filter::parse(&world, request.option("$filter"), advanced)?;
    let with_sign_in = names.contains(&"signInActivity") || matches!(filter, Filter::SignedInBefore(_));
    if with_sign_in {
        premium_gate(call, &world)?;
    }
    if names.contains(&"employeeLeaveDateTime") {
        call.caller.needs(&["User-LifeCycleInfo.Read.All"])?;
    }
    let mut top: u64 = match request.option("$top") {
        None => 100,
        Some(text) => match text.parse::<u64>() {
            Ok(top @ 1..=999) => top,
            _ => {
                return Err(GraphError::new(
                    400,
                    "Request_UnsupportedQuery",
                    format!("Invalid page size specified: '{text}'. Must be between 1 and 999 inclusive."),
                ));
            }
        },
    };
    if with_sign_in && top > 500 {
        if world.settings.refuse_large_sign_in_pages {
            return Err(GraphError::new(
                400,
                "Request_UnsupportedQuery",
                "Cannot query data for more than 500 users at a time.",
            ));
        }
        top = 500;
    }
    let position = pages::start(call, "users")?;
    let mut value: Vec<Value> = Vec::new();
    let mut next = None;
    for index in filter.candidates(&world, position.next).into_iter().flatten() {
        if world.is_deleted(index) || !filter.admits(&world, index, call.now) {
            continue;
        }
        if value.len() as u64 == top {
            next = Some(index);
            break;
        }
        let mut map = project(
            &world,
            &world.population.person(index),
            &world.holdings_as_read(index, call.now),
            &names,
            call.now,
        );
        if let Some(expand) = expand {
            expand_manager(call, &world, index, expand, &mut map);
        }
        value.push(Value::Object(map));
    }
    let mut body = Map::new();
    body.insert("@odata.context".to_owned(), Value::from(format!("{}/$metadata#users", call.root())));
    if advanced && position.next == 0 {
        let count = (0..world.population.users)
            .filter(|index| !world.is_deleted(*index) && filter.admits(&world, *index, call.now))
            .count();
        body.insert("@odata.count".to_owned(), Value::from(count));
    }
    if let Some(next) = next {
        body.insert(
            "@odata.nextLink".to_owned(),
            Value::from(pages::next_link(call, "users", Position { next, made: call.now, mark: 0 })),
        );
    }
    body.insert("value".to_owned(), Value::from(value));
    Ok(Reply::json(200, &Value::Object(body)))
}

pub fn count(call: &Call<'_>) -> Result<Reply, GraphError> {
    call.caller.needs(&["User.Read.All"])?;
    if !call.request.is_eventual() {
        return Err(GraphError::bad_request("$count is not currently supported."));
    }
    let world = call.sim.read_world();
    let filter = Filter::parse(&world, call.request.option("$filter"), true)?;
    let count = (0..world.population.users)
        .filter(|index| !world.is_deleted(*index) && filter.admits(&world, *index, call.now))
        .count();
    Ok(Reply::with_type(200, "text/plain", count.to_string().into_bytes()))
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
            crate::commands::Command::Patch { user: index, enabled: None, last_sign_in: None, direct: Some(direct) }
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

pub fn get(call: &Call<'_>, key: &str) -> Result<Reply, GraphError> {
    call.caller.needs(&["User.Read.All"])?;
    let selected = call.request.selected();
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
        if key.parse::<uuid::Uuid>().is_err() {
            return Err(GraphError::bad_request("Get By Key only supports UserId and the key has to be a valid Guid"));
        }
    }
    if names.contains(&"employeeLeaveDateTime") {
        call.caller.needs(&["User-LifeCycleInfo.Read.All"])?;
    }
    let mut map = project(&world, &world.population.person(index), &visible(call, &world, index), &names, call.now);
    if let Some(expand) = call.request.option("$expand").filter(|expand| expand.starts_with("manager")) {
        expand_manager(call, &world, index, expand, &mut map);
    }
    map.insert("@odata.context".to_owned(), Value::from(format!("{}/$metadata#users/$entity", call.root())));
    Ok(Reply::json(200, &Value::Object(map)))
}

/// Deleted objects, which stay for thirty days.
pub fn deleted(call: &Call<'_>) -> Result<Reply, GraphError> {
    call.caller.needs(&["User.Read.All"])?;
    let selected = call.request.selected();
    let names: Vec<&str> =
        selected.as_ref().map_or(DEFAULT.to_vec(), |names| names.iter().map(String::as_str).collect());
    let world = call.sim.read_world();
    let kept = world.deleted().into_iter().filter(|(_, at)| call.now - at < 30 * 86_400_000);
    let value: Vec<Value> = kept
        .map(|(index, at)| {
            let mut map = project(&world, &world.population.person(index), &Holdings::default(), &names, call.now);
            map.insert("deletedDateTime".to_owned(), Value::from(second_text(at / 1000)));
            Value::Object(map)
        })
        .collect();
    let context = format!("{}/$metadata#directory/deletedItems/microsoft.graph.user", call.root());
    Ok(Reply::json(200, &json!({"@odata.context": context, "value": value})))
}

/// The signed-in person of a delegated token.
pub fn me(call: &Call<'_>) -> Result<Reply, GraphError> {
    let index = call.caller.user.ok_or_else(|| {
        GraphError::new(400, "BadRequest", "/me request is only valid with delegated authentication flow.")
    })?;
    let world = call.sim.read_world();
    let map = project(&world, &world.population.person(index), &Holdings::default(), &DEFAULT, call.now);
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
    let mut map = project(&world, &world.population.person(manager), &Holdings::default(), &names, call.now);
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
    let purpose = match world.population.kind(index) {
        Kind::Shared => "shared",
        Kind::Room => "room",
        Kind::Guest | Kind::Service => {
            return Err(GraphError::new(
                404,
                "MailboxNotEnabledForRESTAPI",
                "The mailbox is either inactive, soft-deleted, or is hosted on-premise.",
            ));
        }
        _ => "user",
    };
    let body = if call.request.path.ends_with("userPurpose") {
        json!({"value": purpose})
    } else {
        json!({"userPurpose": purpose, "timeZone": "UTC"})
    };
    Ok(Reply::json(200, &body))
}
