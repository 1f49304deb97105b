//! Reading groups and memberships.

use crate::catalogue::SKUS;
use crate::clock::second_text;
use crate::errors::GraphError;
use crate::groups::{GROUPS, GroupIndex, GroupKind};
use crate::holdings::Holdings;
use crate::request::Reply;
use crate::routes::pages::{self, Position};
use crate::routes::user_fields::{DEFAULT, project};
use crate::routes::users::must_find;
use crate::sim::Call;
use crate::world::World;
use serde_json::{Map, Value, json};

const READ: &[&str] = &["GroupMember.Read.All", "Group.Read.All", "Group.ReadBasic.All", "Directory.Read.All"];

/// A group object, projected.
pub fn object(world: &World, group: GroupIndex, selected: Option<&[String]>) -> Map<String, Value> {
    let about = &GROUPS[group];
    let kind = about.kind;
    let types: Vec<&str> = match kind {
        GroupKind::Microsoft365 => vec!["Unified"],
        GroupKind::Dynamic => vec!["DynamicMembership"],
        _ => Vec::new(),
    };
    let mail_enabled = matches!(kind, GroupKind::Microsoft365 | GroupKind::MailEnabled);
    let licenses: Vec<Value> = world.group_licenses[group]
        .iter()
        .map(|license| json!({"skuId": SKUS[license.sku].id, "disabledPlans": license.disabled}))
        .collect();
    let full = json!({
        "id": world.group_id(group), "displayName": about.name, "description": null, "createdDateTime": second_text(world.population.epoch - 800 * 86_400),
        "mailEnabled": mail_enabled, "mail": mail_enabled.then(|| format!("group{group}@contoso.example")), "mailNickname": format!("group{group}"), "securityEnabled": kind != GroupKind::Microsoft365,
        "groupTypes": types, "onPremisesSyncEnabled": (kind == GroupKind::Synced).then_some(true), "isAssignableToRole": (kind == GroupKind::RoleAssignable).then_some(true),
        "membershipRule": about.rule, "membershipRuleProcessingState": about.rule.map(|_| "On"), "visibility": null,
        "assignedLicenses": licenses, "licenseProcessingState": {"state": "ProcessingComplete"},
    });
    let Value::Object(mut map) = full else { return Map::new() };
    match selected {
        Some(names) => map.retain(|key, _| key == "id" || names.iter().any(|name| name == key)),
        None => {
            map.remove("assignedLicenses");
            map.remove("licenseProcessingState");
        }
    }
    map
}

pub fn list(call: &Call<'_>) -> Result<Reply, GraphError> {
    call.caller.needs(READ)?;
    let world = call.sim.read_world();
    let selected = call.request.selected();
    let advanced = call.request.is_eventual() && call.request.option("$count").is_some();
    let licensed = match call.request.option("$filter") {
        None => None,
        Some("assignedLicenses/$count ne 0") if advanced => Some(true),
        Some("assignedLicenses/$count eq 0") if advanced => Some(false),
        Some(_) => return Err(GraphError::new(400, "Request_UnsupportedQuery", "Unsupported Query.")),
    };
    let groups: Vec<GroupIndex> = (0..GROUPS.len())
        .filter(|group| licensed.is_none_or(|wanted| world.group_licenses[*group].is_empty() != wanted))
        .collect();
    let top = call.request.option("$top").and_then(|top| top.parse::<usize>().ok()).unwrap_or(100).clamp(1, 999);
    let position = pages::start(call, "groups")?;
    let from = usize::try_from(position.next).unwrap_or(usize::MAX);
    let value: Vec<Value> = groups
        .iter()
        .skip(from)
        .take(top)
        .map(|group| Value::Object(object(&world, *group, selected.as_deref())))
        .collect();
    let mut body = Map::new();
    body.insert("@odata.context".to_owned(), Value::from(format!("{}/$metadata#groups", call.root())));
    if advanced && from == 0 {
        body.insert("@odata.count".to_owned(), Value::from(groups.len()));
    }
    if from + value.len() < groups.len() {
        let next = (from + value.len()) as u64;
        body.insert(
            "@odata.nextLink".to_owned(),
            Value::from(pages::next_link(call, "groups", Position { next, made: call.now, mark: 0 })),
        );
    }
    body.insert("value".to_owned(), Value::from(value));
    Ok(Reply::json(200, &Value::Object(body)))
}

/// Finds a group or answers 404.
pub fn must_find_group(world: &World, key: &str) -> Result<GroupIndex, GraphError> {
    world.find_group(key).ok_or_else(|| GraphError::not_found(key))
}

pub fn get(call: &Call<'_>, key: &str) -> Result<Reply, GraphError> {
    call.caller.needs(READ)?;
    let world = call.sim.read_world();
    let group = must_find_group(&world, key)?;
    Ok(Reply::json(200, &Value::Object(object(&world, group, call.request.selected().as_deref()))))
}

pub fn members(call: &Call<'_>, key: &str) -> Result<Reply, GraphError> {
    call.caller.needs(READ)?;
    let world = call.sim.read_world();
    let group = must_find_group(&world, key)?;
    let top = call.request.option("$top").and_then(|top| top.parse::<usize>().ok()).unwrap_or(100).clamp(1, 999);
    let selected = call.request.selected();
    let names: Vec<&str> =
        selected.as_ref().map_or(DEFAULT.to_vec(), |names| names.iter().map(String::as_str).collect());
    let position = pages::start(call, "members")?;
    let found: Vec<u64> = world.members(group, position.next).take(top + 1).collect();
    let value: Vec<Value> = found
        .iter()
        .take(top)
        .map(|index| {
            let mut map = project(&world, &world.population.person(*index), &Holdings::default(), &names, call.now);
            map.insert("@odata.type".to_owned(), Value::from("#microsoft.graph.user"));
            Value::Object(map)
        })
        .collect();
    let mut body = json!({"@odata.context": format!("{}/$metadata#directoryObjects", call.root()), "value": value});
    if let Some(next) = found.get(top) {
        body["@odata.nextLink"] =
            Value::from(pages::next_link(call, "members", Position { next: *next, made: call.now, mark: 0 }));
    }
    Ok(Reply::json(200, &body))
}

pub fn member_of(call: &Call<'_>, key: &str) -> Result<Reply, GraphError> {
    call.caller.needs(&["Directory.Read.All", "GroupMember.Read.All", "Group.Read.All", "User.Read.All"])?;
    let world = call.sim.read_world();
    let index = must_find(&world, key)?;
    let selected = call.request.selected();
    let value: Vec<Value> = world
        .memberships(index)
        .iter()
        .map(|member| {
            let mut map = object(&world, member.group, selected.as_deref());
            map.insert("@odata.type".to_owned(), Value::from("#microsoft.graph.group"));
            Value::Object(map)
        })
        .collect();
    Ok(Reply::json(200, &json!({"@odata.context": format!("{}/$metadata#groups", call.root()), "value": value})))
}
