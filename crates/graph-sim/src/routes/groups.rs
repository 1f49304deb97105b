//! Reading groups and memberships.

use crate::catalogue::SKUS;
use crate::clock::second_text;
use crate::errors::GraphError;
use crate::groups::{GROUPS, GroupIndex, GroupKind, nested_in};
use crate::holdings::{Holdings, InheritedState};
use crate::request::Reply;
use crate::routes::directory_roles::role_object;
use crate::routes::pages::{self, Position};
use crate::routes::user_fields::{DEFAULT, project};
use crate::routes::users::{must_find, myself};
use crate::sim::Call;
use crate::world::World;
use serde_json::{Map, Value, json};

const READ: &[&str] = &["GroupMember.Read.All", "Group.Read.All", "Group.ReadBasic.All", "Directory.Read.All"];
const MEMBERS: &[&str] = &["GroupMember.Read.All", "GroupMember.ReadBasic.All", "Group.Read.All", "Directory.Read.All"];

/// Refuses the licenses of groups to whoever may only read the rest, where the tenant sees it that way (2.6).
fn check_licenses(call: &Call<'_>, world: &World, selected: Option<&[String]>) -> Result<(), GraphError> {
    let asked = selected.is_some_and(|names| names.iter().any(|name| name == "assignedLicenses"));
    if asked && world.settings.group_licenses_need_group_read { call.caller.needs(&["Group.Read.All"]) } else { Ok(()) }
}

/// What `$filter` on groups may ask.
fn admits(world: &World, group: GroupIndex, filter: Option<&str>, advanced: bool) -> Result<bool, GraphError> {
    let Some(text) = filter.map(str::trim).filter(|text| !text.is_empty()) else { return Ok(true) };
    if let Some((one, other)) = text.split_once(" and ") {
        return Ok(admits(world, group, Some(one), advanced)? && admits(world, group, Some(other), advanced)?);
    }
    let (about, licensed) = (&GROUPS[group], !world.group_licenses[group].is_empty());
    let mail_enabled = matches!(about.kind, GroupKind::Microsoft365 | GroupKind::MailEnabled);
    let quoted = |text: &str| text.trim().trim_matches('\'').to_lowercase();
    let name = about.name.to_lowercase();
    Ok(match text {
        "assignedLicenses/$count ne 0" if advanced => licensed,
        "assignedLicenses/$count eq 0" if advanced => !licensed,
        "securityEnabled eq true" => about.kind != GroupKind::Microsoft365,
        "securityEnabled eq false" => about.kind == GroupKind::Microsoft365,
        "mailEnabled eq true" => mail_enabled,
        "mailEnabled eq false" => !mail_enabled,
        "onPremisesSyncEnabled eq true" => about.kind == GroupKind::Synced,
        "groupTypes/any(c:c eq 'Unified')" => about.kind == GroupKind::Microsoft365,
        "groupTypes/any(c:c eq 'DynamicMembership')" => about.kind == GroupKind::Dynamic,
        _ => match (
            text.strip_prefix("displayName eq "),
            text.strip_prefix("startswith(displayName,"),
            text.strip_prefix("startsWith(displayName,"),
        ) {
            (Some(wanted), _, _) => name == quoted(wanted),
            (_, Some(start), _) | (_, _, Some(start)) => name.starts_with(&quoted(start.trim_end_matches(')'))),
            _ => return Err(GraphError::new(400, "Request_UnsupportedQuery", "Unsupported Query.")),
        },
    })
}

/// A group object, projected.
pub fn object(call: &Call<'_>, world: &World, group: GroupIndex, selected: Option<&[String]>) -> Map<String, Value> {
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
        "assignedLicenses": licenses, "licenseProcessingState": {"state": world.processing_state(group, call.now)},
        "hasMembersWithLicenseErrors": selected.is_some().then(|| world.members(group, 0).any(|index| has_error(world, index, group))),
    });
    let Value::Object(mut map) = full else { return Map::new() };
    match selected {
        Some(names) => map.retain(|key, _| key == "id" || names.iter().any(|name| name == key)),
        None => {
            map.remove("assignedLicenses");
            map.remove("licenseProcessingState");
            map.remove("hasMembersWithLicenseErrors");
        }
    }
    map
}

pub fn list(call: &Call<'_>) -> Result<Reply, GraphError> {
    call.caller.needs(READ)?;
    let world = call.sim.read_world();
    let selected = call.request.selected();
    let advanced = call.request.is_eventual() && call.request.option("$count").is_some();
    check_licenses(call, &world, selected.as_deref())?;
    if call.request.option("$skip").is_some() || (call.request.option("$search").is_some() && !advanced) {
        return Err(GraphError::new(400, "Request_UnsupportedQuery", "Unsupported Query."));
    }
    let mut groups: Vec<GroupIndex> = Vec::new();
    for group in 0..GROUPS.len() {
        if admits(&world, group, call.request.option("$filter"), advanced)? {
            groups.push(group);
        }
    }
    let top = call.request.option("$top").and_then(|top| top.parse::<usize>().ok()).unwrap_or(100).clamp(1, 999);
    let position = pages::start(call, &world, "groups")?;
    let from = usize::try_from(position.next).unwrap_or(usize::MAX);
    let value: Vec<Value> = groups
        .iter()
        .skip(from)
        .take(top)
        .map(|group| Value::Object(object(call, &world, *group, selected.as_deref())))
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
    let selected = call.request.selected();
    check_licenses(call, &world, selected.as_deref())?;
    let mut map = object(call, &world, group, selected.as_deref());
    map.insert("@odata.context".to_owned(), Value::from(format!("{}/$metadata#groups/$entity", call.root())));
    Ok(Reply::json(200, &Value::Object(map)))
}

fn has_error(world: &World, index: u64, group: GroupIndex) -> bool {
    world.holdings(index).inherited.iter().any(|path| path.group == group && path.state != InheritedState::Active)
}

/// Which members of a group a request asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Whom {
    Direct,
    /// Those of groups within the group, too.
    Transitive,
    WithErrors,
}

/// A page of members: people, and before them the groups that are members.
pub fn members(call: &Call<'_>, key: &str, whom: Whom) -> Result<Reply, GraphError> {
    call.caller.needs(MEMBERS)?;
    let world = call.sim.read_world();
    let group = must_find_group(&world, key)?;
    let top = call.request.option("$top").and_then(|top| top.parse::<usize>().ok()).unwrap_or(100).clamp(1, 999);
    let selected = call.request.selected();
    let names: Vec<&str> =
        selected.as_ref().map_or(DEFAULT.to_vec(), |names| names.iter().map(String::as_str).collect());
    let position = pages::start(call, &world, "members")?;
    let inner = nested_in(group);
    let belongs = |index: u64| {
        let memberships = world.memberships(index);
        let member = |of: GroupIndex| memberships.iter().any(|membership| membership.group == of);
        match whom {
            Whom::Direct => member(group),
            Whom::Transitive => member(group) || inner.iter().any(|of| member(*of)),
            Whom::WithErrors => has_error(&world, index, group),
        }
    };
    let found: Vec<u64> = (position.next..world.population.users)
        .filter(|index| !world.is_deleted(*index) && belongs(*index))
        .take(top + 1)
        .collect();
    let only_people = call.request.path.ends_with("microsoft.graph.user");
    let mut value: Vec<Value> = Vec::new();
    if position.next == 0 && whom != Whom::WithErrors && !only_people {
        value.extend(inner.iter().map(|of| {
            let mut map = object(call, &world, *of, Some(&["displayName".to_owned()]));
            map.insert("@odata.type".to_owned(), Value::from("#microsoft.graph.group"));
            Value::Object(map)
        }));
    }
    value.extend(found.iter().take(top).map(|index| {
        let licensed = names.iter().any(|name| name.contains("icense"));
        let held = if licensed { world.holdings_as_read(*index, call.now) } else { Holdings::default() };
        let mut map = project(&world, *index, &held, &names, call.now);
        map.insert("@odata.type".to_owned(), Value::from("#microsoft.graph.user"));
        Value::Object(map)
    }));
    let mut body = json!({"@odata.context": format!("{}/$metadata#directoryObjects", call.root()), "value": value});
    if let Some(next) = found.get(top) {
        body["@odata.nextLink"] =
            Value::from(pages::next_link(call, "members", Position { next: *next, made: call.now, mark: 0 }));
    }
    Ok(Reply::json(200, &body))
}

/// What a person is a member of: groups and directory roles; `through` also what those lie in.
pub fn member_of(call: &Call<'_>, key: &str, through: bool) -> Result<Reply, GraphError> {
    let read =
        ["Directory.Read.All", "GroupMember.Read.All", "GroupMember.ReadBasic.All", "Group.Read.All", "User.Read.All"];
    call.caller.needs(&read)?;
    let index = must_find(&call.sim.read_world(), key)?;
    memberships(call, index, through)
}

/// `GET /me/memberOf`: everybody may ask about themselves.
pub fn of_myself(call: &Call<'_>, through: bool) -> Result<Reply, GraphError> {
    let index = myself(call)?;
    call.caller.needs(&["User.Read", "User.Read.All", "Directory.Read.All", "GroupMember.Read.All"])?;
    memberships(call, index, through)
}

fn memberships(call: &Call<'_>, index: u64, through: bool) -> Result<Reply, GraphError> {
    let world = call.sim.read_world();
    let selected = call.request.selected();
    let cast = call.request.path.rsplit('/').next().unwrap_or_default();
    let mut groups: Vec<GroupIndex> = world.memberships(index).iter().map(|member| member.group).collect();
    if through {
        let outer = (0..GROUPS.len()).filter(|outer| nested_in(*outer).iter().any(|inner| groups.contains(inner)));
        groups.extend(outer.collect::<Vec<_>>());
    }
    let mut value: Vec<Value> = Vec::new();
    if cast != "microsoft.graph.directoryRole" {
        value.extend(groups.iter().map(|group| {
            let mut map = object(call, &world, *group, selected.as_deref());
            map.insert("@odata.type".to_owned(), Value::from("#microsoft.graph.group"));
            Value::Object(map)
        }));
    }
    if cast != "microsoft.graph.group" {
        value.extend(world.roles(index).iter().filter_map(|name| crate::roles::named(name)).map(role_object));
    }
    let top = call.request.option("$top").and_then(|top| top.parse::<usize>().ok()).unwrap_or(100).clamp(1, 999);
    let position = pages::start(call, &world, "member-of")?;
    let from = usize::try_from(position.next).unwrap_or(usize::MAX);
    let mut body = json!({"@odata.context": format!("{}/$metadata#directoryObjects", call.root())});
    if from + top < value.len() {
        let place = Position { next: (from + top) as u64, made: call.now, mark: 0 };
        body["@odata.nextLink"] = Value::from(pages::next_link(call, "member-of", place));
    }
    body["value"] = value.into_iter().skip(from).take(top).collect();
    Ok(Reply::json(200, &body))
}

/// `POST /directoryObjects/getByIds`: people and groups.
pub fn by_ids(call: &Call<'_>) -> Result<Reply, GraphError> {
    call.caller.needs(&["Directory.Read.All", "User.Read.All", "Group.Read.All", "GroupMember.Read.All"])?;
    let body = call.request.json().unwrap_or_default();
    let ids: Vec<&str> =
        body.get("ids").and_then(Value::as_array).into_iter().flatten().filter_map(Value::as_str).collect();
    if ids.is_empty() || ids.len() > 1000 {
        return Err(GraphError::bad_request("The ids must be between 1 and 1000."));
    }
    let world = call.sim.read_world();
    let mut value: Vec<Value> = Vec::new();
    for id in ids {
        let (mut map, kind) = if let Some(group) = world.find_group(id) {
            (object(call, &world, group, None), "group")
        } else if let Some(index) = world.find_user(id) {
            (project(&world, index, &Holdings::default(), &DEFAULT, call.now), "user")
        } else {
            continue;
        };
        map.insert("@odata.type".to_owned(), Value::from(format!("#microsoft.graph.{kind}")));
        value.push(Value::Object(map));
    }
    Ok(Reply::json(
        200,
        &json!({"@odata.context": format!("{}/$metadata#directoryObjects", call.root()), "value": value}),
    ))
}
