//! Everything that changes licenses, memberships and user objects.

use crate::commands::Command;
use crate::errors::GraphError;
use crate::faults::Fault;
use crate::groups::{GroupIndex, GroupKind};
use crate::holdings::Holdings;
use crate::licensing::Request;
use crate::request::Reply;
use crate::roles;
use crate::routes::groups::{must_find_group, object};
use crate::routes::user_fields::{DEFAULT, project};
use crate::routes::users::{interfere, must_find};
use crate::sim::Call;
use crate::world::World;
use serde_json::Value;
use std::sync::atomic::Ordering;

const LICENSE_WRITE: &[&str] = &["LicenseAssignment.ReadWrite.All", "User.ReadWrite.All"];
const MEMBER_WRITE: &[&str] = &["GroupMember.ReadWrite.All", "Group.ReadWrite.All"];

fn body(call: &Call<'_>) -> Result<Value, GraphError> {
    call.request.json().filter(Value::is_object).ok_or_else(|| {
        GraphError::new(
            400,
            "BadRequest",
            "Unable to read JSON request payload. Please ensure Content-Type header is set and payload is of valid JSON format.",
        )
    })
}

/// The user object license writes answer: a few properties, no proof of the final state.
fn user_object(call: &Call<'_>, index: u64) -> Reply {
    let world = call.sim.read_world();
    let mut map = project(&world, index, &Holdings::default(), &DEFAULT, call.now);
    map.insert("@odata.context".to_owned(), Value::from(format!("{}/$metadata#users/$entity", call.root())));
    Reply::json(200, &Value::Object(map))
}

/// `POST /users/{id}/assignLicense`.
pub fn for_user(call: &Call<'_>, key: &str) -> Result<Reply, GraphError> {
    call.caller.needs(LICENSE_WRITE)?;
    call.caller.needs_role(roles::ASSIGN)?;
    let index = must_find(&call.sim.read_world(), key)?;
    let request = Request::parse(&body(call)?)?;
    interfere(call, index, request.remove.first().copied())?;
    concurrent_change(call)?;
    hiccup(call, index, &request)?;
    let mut before = Holdings::default();
    call.sim.change(|world| {
        before = world.holdings(index);
        world.check_assign(index, &request)?;
        Ok(Command::Assign {
            user: index,
            add: request.add.clone(),
            remove: request.remove.clone(),
            actor: call.actor(),
        })
    })?;
    if call.bite.is_some_and(|bite| bite.fault == Fault::ReAssignedByAnother) {
        reassign(call, index, &before, &request)?;
    }
    Ok(user_object(call, index))
}

/// Now and then somebody else changes the object at the same time (4.1).
fn concurrent_change(call: &Call<'_>) -> Result<(), GraphError> {
    let every = call.sim.read_world().settings.conflict_every;
    let seen = call.sim.license_writes.fetch_add(1, Ordering::Relaxed) + 1;
    if every == 0 || !seen.is_multiple_of(every) {
        return Ok(());
    }
    Err(GraphError::new(
        409,
        "Directory_ConcurrencyViolation",
        "A conflicting object with one or more of the specified property values is present in the directory.",
    ))
}

/// The usage location is there, and the first write of a person is told it is not (9#18).
fn hiccup(call: &Call<'_>, index: u64, request: &Request) -> Result<(), GraphError> {
    let due = {
        let world = call.sim.read_world();
        let told = world.touched.get(&index).is_some_and(|touched| touched.hiccuped);
        world.settings.usage_location_hiccup && !request.add.is_empty() && !told
    };
    if !due {
        return Ok(());
    }
    call.sim.change(|_| Ok(Command::Hiccup { user: index }))?;
    Err(GraphError::bad_request("License assignment cannot be done for user with invalid usage location."))
}

/// Somebody else gives back at once what this request took (G25).
fn reassign(call: &Call<'_>, index: u64, before: &Holdings, request: &Request) -> Result<(), GraphError> {
    for path in before.direct.iter().filter(|path| request.remove.contains(&path.sku)) {
        let command = Command::Reassign { user: index, sku: path.sku, disabled: path.disabled.clone() };
        call.sim.change(|_| Ok(command))?;
    }
    Ok(())
}

/// `POST /users/{id}/reprocessLicenseAssignment`: the license permission is not listed for it.
pub fn reprocess(call: &Call<'_>, key: &str) -> Result<Reply, GraphError> {
    call.caller.needs(&["User.ReadWrite.All"])?;
    call.caller.needs_role(roles::REPROCESS)?;
    let index = must_find(&call.sim.read_world(), key)?;
    call.sim.change(|world| {
        world.check_reprocess(index)?;
        Ok(Command::Reprocess { user: index, actor: call.actor() })
    })?;
    Ok(user_object(call, index))
}

/// `POST /groups/{id}/assignLicense`: accepted; members follow.
pub fn for_group(call: &Call<'_>, key: &str) -> Result<Reply, GraphError> {
    call.caller.needs(&["LicenseAssignment.ReadWrite.All", "Group.ReadWrite.All"])?;
    call.caller.needs_role(roles::ASSIGN_GROUP)?;
    let group = must_find_group(&call.sim.read_world(), key)?;
    let request = Request::parse(&body(call)?)?;
    call.sim.change(|world| {
        world.check_group_assign(group, &request, call.now / 1000)?;
        Ok(Command::GroupAssign {
            group,
            add: request.add.clone(),
            remove: request.remove.clone(),
            actor: call.actor(),
        })
    })?;
    let world = call.sim.read_world();
    let reply = Reply::json(202, &Value::Object(object(call, &world, group, None)));
    Ok(reply.and_header("location", format!("{}/groups/{}", call.root(), world.group_id(group))))
}

/// `DELETE /users/{id}`, and what a forgotten `/$ref` does.
pub fn delete_user(call: &Call<'_>, key: &str) -> Result<Reply, GraphError> {
    call.caller.needs(&["User.ReadWrite.All"])?;
    call.caller.needs_role(roles::DELETE)?;
    call.sim.change(|world| Ok(Command::DeleteUser { user: must_find(world, key)?, actor: call.actor() }))?;
    Ok(Reply::empty(204))
}

/// Why the membership of some groups cannot be changed through Graph.
fn check_group(call: &Call<'_>, world: &World, group: GroupIndex) -> Result<(), GraphError> {
    match World::group_kind(group) {
        GroupKind::Static | GroupKind::Microsoft365 => Ok(()),
        GroupKind::RoleAssignable => call.caller.needs(&["RoleManagement.ReadWrite.Directory"]),
        GroupKind::Dynamic if world.settings.dynamic_group_403 => Err(GraphError::denied()),
        GroupKind::Dynamic => Err(GraphError::bad_request(
            "Insufficient privileges to complete the operation. Members of a group with dynamic membership cannot be changed by hand.",
        )),
        GroupKind::Synced => Err(GraphError::bad_request(
            "Unable to update the specified properties for on-premises mastered Directory Sync objects or objects currently undergoing migration.",
        )),
        GroupKind::MailEnabled => {
            Err(GraphError::bad_request("Cannot Update a mail-enabled security groups and or distribution list."))
        }
    }
}

/// `POST /groups/{id}/members/$ref`.
pub fn add_member(call: &Call<'_>, key: &str) -> Result<Reply, GraphError> {
    call.caller.needs(MEMBER_WRITE)?;
    call.caller.needs_role(roles::MEMBERS)?;
    let body = body(call)?;
    let user_key = body
        .get("@odata.id")
        .and_then(Value::as_str)
        .and_then(|address| address.trim_end_matches('/').rsplit('/').next())
        .ok_or_else(|| GraphError::bad_request("Invalid URL format specified in @odata.id."))?;
    call.sim.change(|world| {
        let group = must_find_group(world, key)?;
        let user = must_find(world, user_key)?;
        check_group(call, world, group)?;
        if world.memberships(user).iter().any(|member| member.group == group) {
            let text =
                "One or more added object references already exist for the following modified properties: 'members'.";
            return Err(GraphError::bad_request(text));
        }
        Ok(Command::SetMember { user, group, member: true, actor: call.actor() })
    })?;
    Ok(Reply::empty(204))
}

/// `DELETE /groups/{id}/members/{user}/$ref`.
pub fn remove_member(call: &Call<'_>, key: &str, user_key: &str) -> Result<Reply, GraphError> {
    call.caller.needs(MEMBER_WRITE)?;
    call.caller.needs_role(roles::MEMBERS)?;
    call.sim.change(|world| {
        let group = must_find_group(world, key)?;
        let user = must_find(world, user_key)?;
        check_group(call, world, group)?;
        if !world.memberships(user).iter().any(|member| member.group == group) {
            return Err(GraphError::not_found(user_key));
        }
        Ok(Command::SetMember { user, group, member: false, actor: call.actor() })
    })?;
    Ok(Reply::empty(204))
}
