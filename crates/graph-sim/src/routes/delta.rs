//! `/users/delta`: a full round, then what changed since.

use crate::changes::{Change, Changed};
use crate::errors::GraphError;
use crate::faults::Fault;
use crate::holdings::Holdings;
use crate::request::Reply;
use crate::routes::filter::Filter;
use crate::routes::pages::{self, Position};
use crate::routes::user_fields::{DEFAULT, ELSEWHERE, check_selected, project};
use crate::sim::Call;
use crate::world::World;
use serde_json::{Map, Value, json};
use std::collections::BTreeSet;

/// Delta tokens live seven days on the simulated clock.
const TOKEN_LIFE_MS: i64 = 7 * 86_400_000;
/// Rows of a page.
const PAGE: usize = 100;
/// Ids a filter may name.
const MOST_IDS: usize = 50;

/// A checked delta request.
struct Round<'a> {
    call: &'a Call<'a>,
    world: &'a World,
    names: Vec<&'a str>,
    only: Option<BTreeSet<u64>>,
    /// `Prefer: return=minimal`.
    minimal: bool,
}

/// `GET /users/delta`.
pub fn delta(call: &Call<'_>) -> Result<Reply, GraphError> {
    call.caller.needs(&["User.Read.All"])?;
    let selected = call.request.selected();
    check(call, selected.as_deref())?;
    let world = call.sim.read_world();
    let prefer = call.request.header("prefer").unwrap_or_default();
    let round = Round {
        call,
        world: &world,
        names: selected.as_ref().map_or(DEFAULT.to_vec(), |names| names.iter().map(String::as_str).collect()),
        only: only(call, &world)?,
        minimal: prefer.contains("return=minimal"),
    };
    match call.request.option("$deltatoken") {
        Some(token) if token.eq_ignore_ascii_case("latest") => {
            Ok(round.reply(Vec::new(), round.delta_link(round.settled())))
        }
        Some(token) if !token.is_empty() => round.changes(token),
        _ => round.full(),
    }
}

fn check(call: &Call<'_>, selected: Option<&[String]>) -> Result<(), GraphError> {
    let options = ["$top", "$expand", "$orderby", "$search"];
    if let Some(option) = options.into_iter().find(|name| call.request.option(name).is_some()) {
        return Err(GraphError::new(
            400,
            "Request_UnsupportedQuery",
            format!("'{option}' is not supported for delta queries."),
        ));
    }
    let Some(names) = selected else { return Ok(()) };
    if names.iter().any(|name| name == "signInActivity") {
        return Err(GraphError::new(
            400,
            "BadRequest",
            "Invalid request for delta query: for this entity set, $expand/$select is not supported for the following properties: signInActivity",
        ));
    }
    check_selected(names)?;
    if names.iter().any(|name| ELSEWHERE.contains(&name.as_str())) {
        return Err(GraphError::new(501, "NotImplemented", "This operation target is not yet supported."));
    }
    Ok(())
}

/// `$filter` may name ids and nothing else.
fn only(call: &Call<'_>, world: &World) -> Result<Option<BTreeSet<u64>>, GraphError> {
    let Some(text) = call.request.option("$filter") else { return Ok(None) };
    let refused = |text: &str| GraphError::new(400, "Request_UnsupportedQuery", text);
    if text.matches(" eq ").count() > MOST_IDS {
        return Err(refused("Too many ids in the filter of a delta query: at most 50 are supported."));
    }
    match Filter::parse(world, Some(text), false)? {
        Filter::Ids(ids) => Ok(Some(ids)),
        _ => Err(refused("Delta queries support filters on id only.")),
    }
}

impl Round<'_> {
    fn delta_link(&self, mark: u64) -> (&'static str, String) {
        let token = pages::token("delta", Position { next: 0, made: self.call.now, mark });
        ("@odata.deltaLink", pages::link(self.call, &[("$deltatoken", token.as_str())]))
    }

    fn reply(&self, rows: Vec<Value>, (kind, link): (&str, String)) -> Reply {
        let mut body = Map::new();
        let context = format!("{}/$metadata#users/$delta", self.call.root());
        body.insert("@odata.context".to_owned(), Value::from(context));
        body.insert(kind.to_owned(), Value::from(link));
        body.insert("value".to_owned(), Value::from(rows));
        Reply::json(200, &Value::Object(body))
    }

    /// License changes are as late here as in every other read.
    fn is_visible(&self, change: &Change) -> bool {
        change.what != Changed::Licenses || change.at <= self.call.now - self.world.settings.read_lag_ms
    }

    /// How many changes every reader can see by now.
    fn settled(&self) -> u64 {
        let hidden = self.world.changes.iter().position(|change| !self.is_visible(change));
        hidden.unwrap_or(self.world.changes.len()) as u64
    }

    /// Whether a change touches a selected property that is tracked at all.
    fn concerns(&self, change: &Change) -> bool {
        if self.only.as_ref().is_some_and(|only| !only.contains(&change.user)) {
            return false;
        }
        match change.what {
            Changed::Existence => true,
            Changed::Licenses if !self.world.settings.delta_tracks_licenses => false,
            Changed::Licenses | Changed::Account => self.names.iter().any(|name| change.what.touches(name)),
        }
    }

    fn row(&self, user: u64, names: &[&str]) -> Value {
        let (world, now) = (self.world, self.call.now);
        if let Some((_, purged)) = world.deletion(user, now) {
            return json!({"id": world.user_id(user), "@removed": {"reason": if purged { "deleted" } else { "changed" }}});
        }
        let licensed = names.iter().any(|name| Changed::Licenses.touches(name) || *name == "licenseAssignmentStates");
        let holdings = if licensed { world.holdings_as_read(user, now) } else { Holdings::default() };
        let mut map = project(world, user, &holdings, names, now);
        map.retain(|_, value| !value.is_null());
        if names.contains(&"manager")
            && let Some(manager) = world.population.manager(user)
        {
            map.insert(
                "manager@delta".to_owned(),
                json!([{"@odata.type": "#microsoft.graph.user", "id": world.user_id(manager)}]),
            );
        }
        Value::Object(map)
    }

    fn expired(&self) -> Result<Reply, GraphError> {
        if self.world.settings.delta_expired_400 {
            return Err(GraphError::new(400, "syncStateNotFound", "Sync state generation not found. Resync required."));
        }
        let error = GraphError::new(
            410,
            "resyncRequired",
            "Resync required. Replace any local items with the server's version.",
        );
        let request = self.call.request;
        let client = request.header("client-request-id").unwrap_or(&request.request_id);
        Ok(Reply::json(410, &error.body(self.call.now, &request.request_id, client))
            .and_header("location", pages::link(self.call, &[("$deltatoken", "")])))
    }

    /// A round after the first: the changes since the token was made.
    fn changes(&self, token: &str) -> Result<Reply, GraphError> {
        let position = pages::read_token("delta", token)
            .ok_or_else(|| GraphError::new(400, "Directory_InvalidDeltaToken", "The delta token is not valid."))?;
        let bitten = self.call.bite.is_some_and(|bite| bite.fault == Fault::DeltaExpired);
        if bitten || self.call.now - position.made > TOKEN_LIFE_MS {
            return self.expired();
        }
        self.changed_page(position.mark)
    }

    fn changed_page(&self, from: u64) -> Result<Reply, GraphError> {
        let replays = self.world.settings.delta_replays;
        let start = usize::try_from(from).unwrap_or(usize::MAX);
        // A replay of what the last round told already is normal.
        let start = if replays { start.saturating_sub(1) } else { start };
        let mut rows: Vec<Value> = Vec::new();
        for (read, change) in self.world.changes.iter().enumerate().skip(start) {
            if rows.len() >= PAGE {
                let place = Position { next: 1, made: self.call.now, mark: read as u64 };
                let link = pages::link(self.call, &[("$skiptoken", pages::token("delta-changes", place).as_str())]);
                return Ok(self.reply(rows, ("@odata.nextLink", link)));
            }
            if !self.concerns(change) || !self.is_visible(change) {
                continue;
            }
            let names: Vec<&str> = if self.minimal && change.what != Changed::Existence {
                self.names.iter().copied().filter(|name| change.what.touches(name)).collect()
            } else {
                self.names.clone()
            };
            rows.push(self.row(change.user, &names));
        }
        if replays {
            // Rows come in no order, and some twice.
            rows.reverse();
            rows.extend(rows.first().cloned());
        }
        Ok(self.reply(rows, self.delta_link(self.settled())))
    }

    /// The first round: everybody, in pages.
    fn full(&self) -> Result<Reply, GraphError> {
        if let Some(token) = self.call.request.option("$skiptoken")
            && let Some(place) = pages::read_token("delta-changes", token)
        {
            return self.changed_page(place.mark);
        }
        let mut position = pages::start(self.call, self.world, "delta-round")?;
        let first = position.next == 0 && self.call.request.option("$skiptoken").is_none();
        if first {
            position.mark = self.settled() * 2;
        }
        let next = |next: u64, mark: u64| {
            let place = Position { next, made: self.call.now, mark };
            ("@odata.nextLink", pages::next_link(self.call, "delta-round", place))
        };
        // An empty page leads on; the lowest bit of the mark says that it was there.
        if self.world.settings.delta_replays && position.next > 0 && position.mark % 2 == 0 {
            return Ok(self.reply(Vec::new(), next(position.next, position.mark + 1)));
        }
        let mark = position.mark / 2 * 2;
        let wanted = |index: &u64| self.only.as_ref().is_none_or(|only| only.contains(index));
        let indexes: Vec<u64> = (position.next..self.world.population.users)
            .filter(|index| !self.world.is_deleted(*index) && wanted(index))
            .take(PAGE + 1)
            .collect();
        let mut rows: Vec<Value> = indexes.iter().take(PAGE).map(|index| self.row(*index, &self.names)).collect();
        if first && self.world.settings.delta_replays {
            // Deleted people may come even in the first round.
            rows.extend(self.world.restorable(self.call.now).iter().map(|(index, _)| self.row(*index, &self.names)));
        }
        match indexes.get(PAGE) {
            Some(from) => Ok(self.reply(rows, next(*from, mark))),
            None => Ok(self.reply(rows, self.delta_link(mark / 2))),
        }
    }
}
