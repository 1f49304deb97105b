//! `/users/delta`: a full round, then what changed since.

use crate::errors::GraphError;
use crate::faults::Fault;
use crate::holdings::Holdings;
use crate::request::Reply;
use crate::routes::pages::{self, Position};
use crate::routes::user_fields::{DEFAULT, check_selected, project};
use crate::sim::Call;
use serde_json::{Map, Value, json};

/// Delta tokens live seven days on the simulated clock.
const TOKEN_LIFE_MS: i64 = 7 * 86_400_000;
const PAGE: usize = 100;

pub fn delta(call: &Call<'_>) -> Result<Reply, GraphError> {
    call.caller.needs(&["User.Read.All"])?;
    let request = call.request;
    if let Some(option) =
        ["$top", "$expand", "$orderby", "$search"].into_iter().find(|name| request.option(name).is_some())
    {
        return Err(GraphError::new(
            400,
            "Request_UnsupportedQuery",
            format!("'{option}' is not supported for delta queries."),
        ));
    }
    let selected = request.selected();
    if let Some(names) = &selected {
        if names.iter().any(|name| name == "signInActivity") {
            return Err(GraphError::new(
                400,
                "BadRequest",
                "Invalid request for delta query: for this entity set, $expand/$select is not supported for the following properties: signInActivity",
            ));
        }
        check_selected(names)?;
    }
    let names: Vec<&str> =
        selected.as_ref().map_or(DEFAULT.to_vec(), |names| names.iter().map(String::as_str).collect());
    let world = call.sim.read_world();
    let newest = world.changes.len() as u64;
    let context = format!("{}/$metadata#users", call.root());
    let delta_link = |mark: u64| {
        pages::link(
            call,
            &[("$deltatoken", pages::token("delta", Position { next: 0, made: call.now, mark }).as_str())],
        )
    };
    if request.option("$deltatoken").is_some_and(|token| token.eq_ignore_ascii_case("latest")) {
        return Ok(Reply::json(
            200,
            &json!({"@odata.context": context, "value": [], "@odata.deltaLink": delta_link(newest)}),
        ));
    }
    let row = |index: u64| {
        if world.is_deleted(index) {
            return json!({"id": world.user_id(index), "@removed": {"reason": "changed"}});
        }
        let person = world.population.person(index);
        // Delta follows assignedLicenses; its replica lags like every read.
        let holdings = if names.iter().any(|name| name.contains("icense")) {
            world.holdings_as_read(index, call.now)
        } else {
            Holdings::default()
        };
        let mut map = project(&world, &person, &holdings, &names, call.now);
        map.retain(|_, value| !value.is_null());
        if names.contains(&"manager")
            && let Some(manager) = world.population.manager(index)
        {
            map.insert(
                "manager@delta".to_owned(),
                json!([{"@odata.type": "#microsoft.graph.user", "id": world.user_id(manager)}]),
            );
        }
        Value::Object(map)
    };
    let mut body = Map::new();
    body.insert("@odata.context".to_owned(), Value::from(context));
    if let Some(token) = request.option("$deltatoken").filter(|token| !token.is_empty()) {
        let position = pages::read_token("delta", token)
            .ok_or_else(|| GraphError::new(400, "Directory_InvalidDeltaToken", "The delta token is not valid."))?;
        let expired =
            call.now - position.made > TOKEN_LIFE_MS || call.bite.is_some_and(|bite| bite.fault == Fault::DeltaExpired);
        if expired {
            if world.settings.delta_expired_400 {
                return Err(GraphError::new(
                    400,
                    "syncStateNotFound",
                    "Sync state generation not found. Resync required.",
                ));
            }
            let error = GraphError::new(
                410,
                "resyncRequired",
                "Resync required. Replace any local items with the server's version.",
            );
            let client = request.header("client-request-id").unwrap_or(&request.request_id);
            return Ok(Reply::json(410, &error.body(call.now, &request.request_id, client))
                .and_header("location", pages::link(call, &[("$deltatoken", "")])));
        }
        // The same object may come several times; a replay of one row is normal.
        let from = usize::try_from(position.mark).unwrap_or(usize::MAX);
        let rows: Vec<Value> = world.changes.iter().skip(from).map(|index| row(*index)).collect();
        body.insert("value".to_owned(), Value::from(rows));
        body.insert("@odata.deltaLink".to_owned(), Value::from(delta_link(newest)));
        return Ok(Reply::json(200, &Value::Object(body)));
    }
    let mut position = pages::start(call, "delta-round")?;
    if position.next == 0 && request.option("$skiptoken").is_none() {
        position.mark = newest;
    }
    let wanted: Option<Vec<u64>> = request.option("$filter").map(|filter| {
        filter
            .split(" or ")
            .filter_map(|part| world.find_user(part.trim().trim_start_matches("id eq ").trim_matches('\'')))
            .collect()
    });
    let indexes: Vec<u64> = (position.next..world.population.users)
        .filter(|index| !world.is_deleted(*index) && wanted.as_ref().is_none_or(|wanted| wanted.contains(index)))
        .take(PAGE + 1)
        .collect();
    let rows: Vec<Value> = indexes.iter().take(PAGE).map(|index| row(*index)).collect();
    body.insert("value".to_owned(), Value::from(rows));
    match indexes.get(PAGE) {
        Some(next) => body.insert(
            "@odata.nextLink".to_owned(),
            Value::from(pages::next_link(
                call,
                "delta-round",
                Position { next: *next, made: call.now, mark: position.mark },
            )),
        ),
        None => body.insert("@odata.deltaLink".to_owned(), Value::from(delta_link(position.mark))),
    };
    Ok(Reply::json(200, &Value::Object(body)))
}
