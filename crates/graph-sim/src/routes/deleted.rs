//! Deleted people: listed for thirty days, restored, or deleted for good.

use crate::clock::second_text;
use crate::commands::Command;
use crate::errors::GraphError;
use crate::holdings::Holdings;
use crate::request::Reply;
use crate::roles;
use crate::routes::pages::{self, Position};
use crate::routes::user_fields::{DEFAULT, project};
use crate::sim::Call;
use crate::world::World;
use serde_json::{Map, Value, json};

fn object(call: &Call<'_>, world: &World, index: u64, at: i64) -> Map<String, Value> {
    let selected = call.request.selected();
    let names: Vec<&str> =
        selected.as_ref().map_or(DEFAULT.to_vec(), |names| names.iter().map(String::as_str).collect());
    let mut map = project(world, index, &Holdings::default(), &names, call.now);
    map.insert("deletedDateTime".to_owned(), Value::from(second_text(at / 1000)));
    map
}

fn find(call: &Call<'_>, world: &World, key: &str) -> Result<(u64, i64), GraphError> {
    let index = world.find_deleted(key).ok_or_else(|| GraphError::not_found(key))?;
    match world.deletion(index, call.now) {
        Some((at, false)) => Ok((index, at)),
        _ => Err(GraphError::not_found(key)),
    }
}

/// `GET /directory/deletedItems/microsoft.graph.user`.
pub fn list(call: &Call<'_>) -> Result<Reply, GraphError> {
    call.caller.needs(&["User.Read.All"])?;
    let world = call.sim.read_world();
    let top = call.request.option("$top").and_then(|top| top.parse::<usize>().ok()).unwrap_or(100).clamp(1, 999);
    let position = pages::start(call, &world, "deleted")?;
    let kept: Vec<(u64, i64)> =
        world.restorable(call.now).into_iter().filter(|(index, _)| *index >= position.next).collect();
    let value: Vec<Value> =
        kept.iter().take(top).map(|(index, at)| Value::Object(object(call, &world, *index, *at))).collect();
    let context = format!("{}/$metadata#directory/deletedItems/microsoft.graph.user", call.root());
    let mut body = json!({"@odata.context": context, "value": value});
    if let Some((next, _)) = kept.get(top) {
        let place = Position { next: *next, made: call.now, mark: 0 };
        body["@odata.nextLink"] = Value::from(pages::next_link(call, "deleted", place));
    }
    Ok(Reply::json(200, &body))
}

/// `GET /directory/deletedItems/{id}`.
pub fn get(call: &Call<'_>, key: &str) -> Result<Reply, GraphError> {
    call.caller.needs(&["User.Read.All"])?;
    let world = call.sim.read_world();
    let (index, at) = find(call, &world, key)?;
    let mut map = object(call, &world, index, at);
    map.insert("@odata.type".to_owned(), Value::from("#microsoft.graph.user"));
    Ok(Reply::json(200, &Value::Object(map)))
}

/// `POST /directory/deletedItems/{id}/restore`.
pub fn restore(call: &Call<'_>, key: &str) -> Result<Reply, GraphError> {
    call.caller.needs(&["User.DeleteRestore.All", "User.ReadWrite.All"])?;
    call.caller.needs_role(roles::DELETE)?;
    let mut found = 0;
    call.sim.change(|world| {
        found = find(call, world, key)?.0;
        Ok(Command::RestoreUser { user: found, actor: call.actor() })
    })?;
    let world = call.sim.read_world();
    let mut map = project(&world, found, &Holdings::default(), &DEFAULT, call.now);
    map.insert("@odata.type".to_owned(), Value::from("#microsoft.graph.user"));
    Ok(Reply::json(200, &Value::Object(map)))
}

/// `DELETE /directory/deletedItems/{id}`: for good.
pub fn purge(call: &Call<'_>, key: &str) -> Result<Reply, GraphError> {
    call.caller.needs(&["User.DeleteRestore.All", "User.ReadWrite.All"])?;
    call.caller.needs_role(roles::DELETE)?;
    call.sim.change(|world| Ok(Command::PurgeUser { user: find(call, world, key)?.0 }))?;
    Ok(Reply::empty(204))
}
