//! Directory roles and who holds them.

use crate::errors::GraphError;
use crate::holdings::Holdings;
use crate::request::Reply;
use crate::roles;
use crate::routes::user_fields::{DEFAULT, project};
use crate::sim::Call;
use crate::world::World;
use serde_json::{Value, json};

pub fn role_object(role: &roles::Role) -> Value {
    json!({"@odata.type": "#microsoft.graph.directoryRole", "id": role.template, "displayName": role.name,
        "roleTemplateId": role.template, "description": null, "deletedDateTime": null})
}

const ROLE_READ: &[&str] =
    &["RoleManagement.Read.Directory", "RoleManagement.ReadWrite.Directory", "Directory.Read.All"];

/// People with roles: the few of the epoch, and whoever was given some.
fn role_holders(world: &World) -> Vec<(u64, Vec<String>)> {
    let mut indexes: Vec<u64> = (0..20.min(world.population.users)).chain(world.touched.keys().copied()).collect();
    indexes.sort_unstable();
    indexes.dedup();
    let held = indexes.into_iter().filter(|index| !world.is_deleted(*index)).map(|index| (index, world.roles(index)));
    held.filter(|(_, roles)| !roles.is_empty()).collect()
}

/// `GET /directoryRoles`.
pub fn list(call: &Call<'_>) -> Result<Reply, GraphError> {
    call.caller.needs(ROLE_READ)?;
    let value: Vec<Value> = roles::ROLES.iter().map(role_object).collect();
    Ok(Reply::json(
        200,
        &json!({"@odata.context": format!("{}/$metadata#directoryRoles", call.root()), "value": value}),
    ))
}

/// `GET /directoryRoles/{id}/members`.
pub fn members(call: &Call<'_>, key: &str) -> Result<Reply, GraphError> {
    call.caller.needs(ROLE_READ)?;
    let world = call.sim.read_world();
    let role = roles::ROLES
        .iter()
        .find(|role| role.template.to_string().eq_ignore_ascii_case(key))
        .ok_or_else(|| GraphError::not_found(key))?;
    let holders = role_holders(&world).into_iter().filter(|(_, names)| names.iter().any(|name| name == role.name));
    let value: Vec<Value> = holders
        .map(|(index, _)| {
            let mut map = project(&world, index, &Holdings::default(), &DEFAULT, call.now);
            map.insert("@odata.type".to_owned(), Value::from("#microsoft.graph.user"));
            Value::Object(map)
        })
        .collect();
    Ok(Reply::json(
        200,
        &json!({"@odata.context": format!("{}/$metadata#directoryObjects", call.root()), "value": value}),
    ))
}

/// `GET /roleManagement/directory/roleAssignments`, whole or of one person.
pub fn assignments(call: &Call<'_>) -> Result<Reply, GraphError> {
    call.caller.needs(ROLE_READ)?;
    let world = call.sim.read_world();
    let only = match call.request.option("$filter") {
        None => None,
        Some(text) => Some(
            text.strip_prefix("principalId eq ")
                .map(|id| id.trim().trim_matches('\'').to_lowercase())
                .ok_or_else(|| GraphError::new(400, "Request_UnsupportedQuery", "Unsupported Query."))?,
        ),
    };
    let expanded = call.request.option("$expand").is_some_and(|expand| expand.contains("roleDefinition"));
    let mut value: Vec<Value> = Vec::new();
    for (index, names) in role_holders(&world) {
        let id = world.user_id(index).to_string();
        if only.as_ref().is_some_and(|only| *only != id) {
            continue;
        }
        for role in names.iter().filter_map(|name| roles::named(name)) {
            let mut entry = json!({"id": format!("{}-{index}", role.template.simple()), "principalId": id,
                "roleDefinitionId": role.template, "directoryScopeId": "/"});
            if expanded {
                entry["roleDefinition"] = json!({"id": role.template, "displayName": role.name,
                    "templateId": role.template, "isBuiltIn": true});
            }
            value.push(entry);
        }
    }
    let context = format!("{}/$metadata#roleManagement/directory/roleAssignments", call.root());
    Ok(Reply::json(200, &json!({"@odata.context": context, "value": value})))
}
