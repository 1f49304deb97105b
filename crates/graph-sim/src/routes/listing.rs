//! `/users` and `/users/$count`: the listing every sync lives on.

use crate::errors::GraphError;
use crate::holdings::Holdings;
use crate::request::{JSON, Reply};
use crate::routes::filter::{Filter, TextField, with_text};
use crate::routes::filter_words::{Demand, search};
use crate::routes::pages::{self, Position};
use crate::routes::user_fields::{BASIC, DEFAULT, ELSEWHERE, check_selected};
use crate::routes::user_row::{Shape, write_user};
use crate::routes::users::{check_leave_date, premium_gate};
use crate::sim::{Call, locked};
use crate::world::World;
use std::fmt::Write as _;
use std::sync::Arc;

const DEFAULT_PAGE: u64 = 100;

/// What `$orderby` asks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Sorting {
    field: TextField,
    descending: bool,
}

/// A checked request for people.
struct Query {
    shape: Shape,
    manager: Option<Shape>,
    filter: Filter,
    search: Option<Vec<Vec<Demand>>>,
    sorting: Option<Sorting>,
    top: u64,
    with_sign_in: bool,
    advanced: bool,
    /// Some sign-ins get lost on such a page (9#2).
    blind: bool,
    hide_leave_date: bool,
}

fn unsupported(text: impl Into<String>) -> GraphError {
    GraphError::new(400, "Request_UnsupportedQuery", text)
}

/// Refuses who may not list people, or not with these properties.
fn check_caller(call: &Call<'_>, world: &World, names: Option<&[String]>) -> Result<(), GraphError> {
    if call.caller.is_guest(world) {
        return Err(GraphError::denied());
    }
    let basic = names.is_none_or(|names| names.iter().all(|name| BASIC.contains(&name.as_str())));
    call.caller.needs(if basic { &["User.ReadBasic.All", "User.Read.All"] } else { &["User.Read.All"] })
}

fn check_elsewhere(names: &[String]) -> Result<(), GraphError> {
    match names.iter().find(|name| ELSEWHERE.contains(&name.as_str())).map(String::as_str) {
        None => Ok(()),
        Some("mailboxSettings") => {
            Err(GraphError::new(400, "ExplicitTargetMailboxIdShouldNotBeNullOrWhiteSpace", "The Id is invalid."))
        }
        Some(_) => Err(GraphError::new(501, "NotImplemented", "This operation target is not yet supported.")),
    }
}

/// `$top`: 100 unless told, 999 at most, less with sign-ins.
fn page_size(call: &Call<'_>, world: &World, with_sign_in: bool) -> Result<u64, GraphError> {
    let top = match call.request.option("$top") {
        None => DEFAULT_PAGE,
        Some(text) => text.parse::<u64>().ok().filter(|top| (1..=999).contains(top)).ok_or_else(|| {
            unsupported(format!("Invalid page size specified: '{text}'. Must be between 1 and 999 inclusive."))
        })?,
    };
    let most = world.settings.sign_in_page_size;
    if !with_sign_in || top <= most {
        return Ok(top);
    }
    if world.settings.refuse_large_sign_in_pages {
        return Err(unsupported(format!("Cannot query data for more than {most} users at a time.")));
    }
    Ok(most)
}

fn sorting(call: &Call<'_>, advanced: bool) -> Result<Option<Sorting>, GraphError> {
    let Some(text) = call.request.option("$orderby") else { return Ok(None) };
    let mut words = text.split_whitespace();
    let field = match words.next() {
        Some("displayName") => TextField::DisplayName,
        Some("userPrincipalName") => TextField::UserPrincipalName,
        _ => return Err(unsupported("Sorting not supported for current query.")),
    };
    let descending = match words.next() {
        None | Some("asc") => false,
        Some("desc") => true,
        Some(_) => return Err(unsupported("Sorting not supported for current query.")),
    };
    if call.request.option("$filter").is_some() && !advanced {
        return Err(unsupported("Sorting not supported for current query."));
    }
    Ok(Some(Sorting { field, descending }))
}

fn searched(call: &Call<'_>) -> Result<Option<Vec<Vec<Demand>>>, GraphError> {
    let Some(text) = call.request.option("$search") else { return Ok(None) };
    if !call.request.is_eventual() {
        return Err(unsupported(
            "Request with $search query parameter only works through MSGraph with a special request header: 'ConsistencyLevel: eventual'",
        ));
    }
    let demands = search(text).ok_or_else(|| GraphError::new(400, "BadRequest", "Syntax error in $search."))?;
    match demands.iter().flatten().find(|demand| field_of(demand).is_none()) {
        Some(demand) => Err(unsupported(format!("Unsupported property '{}' in $search.", demand.property))),
        None => Ok(Some(demands)),
    }
}

fn field_of(demand: &Demand) -> Option<TextField> {
    TextField::named(&demand.property).filter(|field| {
        matches!(
            field,
            TextField::DisplayName
                | TextField::Mail
                | TextField::UserPrincipalName
                | TextField::GivenName
                | TextField::Surname
        )
    })
}

impl Query {
    fn read(call: &Call<'_>, world: &World) -> Result<Self, GraphError> {
        let request = call.request;
        let advanced =
            request.is_eventual() && request.option("$count").is_some_and(|count| count.eq_ignore_ascii_case("true"));
        let selected = request.selected();
        check_caller(call, world, selected.as_deref())?;
        if let Some(names) = &selected {
            check_selected(names)?;
            check_elsewhere(names)?;
        }
        let names: Vec<&str> =
            selected.as_ref().map_or(DEFAULT.to_vec(), |names| names.iter().map(String::as_str).collect());
        let search = searched(call)?;
        if request.option("$skip").is_some() {
            return Err(GraphError::bad_request("'$skip' is not supported by the service."));
        }
        let expand = request.option("$expand");
        let foreign = expand.is_some_and(|expand| !is_manager(expand));
        if foreign || (expand.is_some() && (advanced || search.is_some())) {
            return Err(unsupported("The $expand query is not supported for this request."));
        }
        let filter = Filter::parse(world, request.option("$filter"), advanced)?;
        let with_sign_in = names.contains(&"signInActivity") || filter.asks_sign_ins();
        if with_sign_in {
            premium_gate(call, world)?;
        }
        let hide_leave_date = check_leave_date(call, world, &names)?;
        let top = page_size(call, world, with_sign_in)?;
        Ok(Self {
            shape: Shape::new(&names),
            manager: expand.map(|expand| Shape::new(&expanded_names(expand))),
            search,
            sorting: sorting(call, advanced)?,
            top,
            with_sign_in,
            advanced,
            blind: world.settings.empty_sign_ins_on_big_pages && advanced && top > DEFAULT_PAGE,
            filter,
            hide_leave_date,
        })
    }

    fn admits(&self, call: &Call<'_>, world: &World, index: u64) -> bool {
        !world.is_deleted(index) && self.filter.admits(world, index, call.now) && self.is_found(world, index)
    }

    fn is_found(&self, world: &World, index: u64) -> bool {
        self.search.as_ref().is_none_or(|any| {
            any.iter().any(|all| {
                all.iter().all(|demand| {
                    field_of(demand).is_some_and(|field| {
                        with_text(world, index, field, |text| text.is_some_and(|text| text.contains(&demand.text)))
                    })
                })
            })
        })
    }

    /// Everybody meant, in the order asked for.
    fn sorted(&self, call: &Call<'_>, world: &World, sorting: Sorting) -> Arc<Vec<u64>> {
        let key = format!("{}|{:?}", self.key(call, world), sorting);
        if let Some(order) = locked(&call.sim.cache).at(world.version).order(&key) {
            return order;
        }
        let mut named: Vec<(String, u64)> = (0..world.population.users)
            .filter(|index| self.admits(call, world, *index))
            .map(|index| (with_text(world, index, sorting.field, |text| text.unwrap_or_default().to_owned()), index))
            .collect();
        named.sort_unstable();
        if sorting.descending {
            named.reverse();
        }
        let order: Arc<Vec<u64>> = Arc::new(named.into_iter().map(|(_, index)| index).collect());
        locked(&call.sim.cache).at(world.version).keep_order(key, Arc::clone(&order));
        order
    }

    /// The people of this page and where the next one starts.
    fn page(&self, call: &Call<'_>, world: &World, from: u64) -> (Vec<u64>, Option<u64>) {
        let most = usize::try_from(self.top).unwrap_or(usize::MAX);
        if let Some(sorting) = self.sorting {
            let order = self.sorted(call, world, sorting);
            let start = usize::try_from(from).unwrap_or(usize::MAX).min(order.len());
            let end = (start + most).min(order.len());
            return (order[start..end].to_vec(), (end < order.len()).then_some(end as u64));
        }
        let mut found = Vec::with_capacity(most.min(1000));
        for index in self.filter.candidates(world, from) {
            if !self.admits(call, world, index) {
                continue;
            }
            if found.len() == most {
                return (found, Some(index));
            }
            found.push(index);
        }
        (found, None)
    }

    /// What decides the answer beside the position; time only where sign-ins are asked.
    fn key(&self, call: &Call<'_>, world: &World) -> String {
        let request = call.request;
        let mut key = format!("{}{}|{}", request.base, request.path, self.advanced);
        for (name, value) in &request.query {
            if !name.trim_start_matches('$').eq_ignore_ascii_case("skiptoken") {
                let _ = write!(key, "|{name}={value}");
            }
        }
        if self.with_sign_in {
            let _ = write!(key, "|{}", call.now / 1000 - world.settings.sign_in_lag_hours * 3600);
        }
        key
    }

    /// How many people are meant.
    fn count(&self, call: &Call<'_>, world: &World) -> u64 {
        let key = self.key(call, world);
        let calm = is_calm(call, world);
        if let Some(count) = locked(&call.sim.cache).at(world.version).count(&key).filter(|_| calm) {
            return count;
        }
        let count = everywhere(world, |index| self.admits(call, world, index));
        if calm {
            locked(&call.sim.cache).at(world.version).keep_count(key, count);
        }
        count
    }
}

/// Counts people on all processors.
fn everywhere(world: &World, meant: impl Fn(u64) -> bool + Sync) -> u64 {
    let workers = std::thread::available_parallelism().map_or(1, std::num::NonZero::get) as u64;
    let users = world.population.users;
    let part = |worker: u64| {
        (users * worker / workers..users * (worker + 1) / workers).filter(|index| meant(*index)).count() as u64
    };
    if users < 10_000 {
        return (0..users).filter(|index| meant(*index)).count() as u64;
    }
    std::thread::scope(|scope| {
        let running: Vec<_> = (0..workers).map(|worker| scope.spawn(move || part(worker))).collect();
        running.into_iter().map(|counted| counted.join().expect("counting does not panic")).sum()
    })
}

/// Whether no write is so young that reads are still about to change.
fn is_calm(call: &Call<'_>, world: &World) -> bool {
    call.now.saturating_sub(world.changed) > world.settings.read_lag_ms && world.pending.is_empty()
}

fn is_manager(expand: &str) -> bool {
    expand == "manager" || (expand.starts_with("manager(") && expand.ends_with(')'))
}

/// The properties an expanded manager shows.
pub fn expanded_names(expand: &str) -> Vec<&str> {
    let options = expand.split_once('(').map_or("", |(_, rest)| rest.trim_end_matches(')'));
    let selected = options.split(';').find_map(|option| option.trim().strip_prefix("$select="));
    selected.map_or(DEFAULT.to_vec(), |list| list.split(',').map(str::trim).collect())
}

/// `GET /users`.
pub fn list(call: &Call<'_>) -> Result<Reply, GraphError> {
    let world = call.sim.read_world();
    let query = Query::read(call, &world)?;
    let position = pages::start(call, &world, "users")?;
    let key = (call.bite.is_none() && is_calm(call, &world) && query.top >= DEFAULT_PAGE)
        .then(|| format!("{}|{}|{}|{}", query.key(call, &world), position.next, position.mark, coarse(call)));
    if let Some(kept) = key.as_ref().and_then(|key| locked(&call.sim.cache).at(world.version).page(key)) {
        return Ok(Reply::with_type(200, JSON, kept.as_ref().clone()));
    }
    let body = write_page(call, &world, &query, position);
    if let Some(key) = key {
        locked(&call.sim.cache).at(world.version).keep_page(key, &body);
    }
    Ok(Reply::with_type(200, JSON, body))
}

/// The hour: a kept page's link is at most that old.
fn coarse(call: &Call<'_>) -> i64 {
    call.now / 3_600_000
}

fn write_page(call: &Call<'_>, world: &World, query: &Query, position: Position) -> Vec<u8> {
    // Now and then a page holds nothing and still leads on.
    let hollow = world.settings.empty_pages && position.mark == 0 && position.next > 0 && position.next % 3 == 1;
    let (found, next) = if hollow { (Vec::new(), Some(position.next)) } else { query.page(call, world, position.next) };
    let mut rows: Vec<u8> = Vec::with_capacity(found.len() * 900);
    for index in found {
        rows.extend_from_slice(if rows.is_empty() { b"{" } else { b",{" });
        write_row(call, world, query, index, &mut rows);
        rows.push(b'}');
    }
    let mut head = format!("{{\"@odata.context\":\"{}/$metadata#users\"", call.root());
    if query.advanced && position.next == 0 && position.mark == 0 {
        let _ = write!(head, ",\"@odata.count\":{}", query.count(call, world));
    }
    if let Some(next) = next {
        let place = Position { next, made: call.now, mark: u64::from(hollow) };
        let link = serde_json::to_string(&pages::next_link(call, "users", place)).expect("text is JSON");
        let _ = write!(head, ",\"@odata.nextLink\":{link}");
    }
    head.push_str(",\"value\":[");
    let mut body = head.into_bytes();
    body.reserve_exact(rows.len() + 2);
    body.extend_from_slice(&rows);
    body.extend_from_slice(b"]}");
    body
}

fn write_row(call: &Call<'_>, world: &World, query: &Query, index: u64, out: &mut Vec<u8>) {
    let nothing = Holdings::default();
    let held = query.shape.licenses.then(|| world.holdings_as_read(index, call.now));
    let held = held.as_ref().unwrap_or(&nothing);
    let options = crate::routes::user_row::Options { blind: query.blind, hide_leave_date: query.hide_leave_date };
    write_user(out, world, &query.shape, index, held, call.now, options);
    if let Some(shape) = &query.manager
        && let Some(manager) = world.population.manager(index).filter(|manager| !world.is_deleted(*manager))
    {
        out.extend_from_slice(b",\"manager\":{\"@odata.type\":\"#microsoft.graph.user\",");
        write_user(out, world, shape, manager, &nothing, call.now, options);
        out.push(b'}');
    }
}

/// `GET /users/$count`.
pub fn count(call: &Call<'_>) -> Result<Reply, GraphError> {
    if !call.request.is_eventual() {
        return Err(GraphError::bad_request("$count is not currently supported."));
    }
    let world = call.sim.read_world();
    check_caller(call, &world, None)?;
    let filter = Filter::parse(&world, call.request.option("$filter"), true)?;
    if filter.asks_sign_ins() {
        premium_gate(call, &world)?;
    }
    let found = searched(call)?;
    let query = Query {
        shape: Shape::new(&[]),
        manager: None,
        with_sign_in: filter.asks_sign_ins(),
        filter,
        search: found,
        sorting: None,
        top: 1,
        advanced: true,
        blind: false,
        hide_leave_date: false,
    };
    Ok(Reply::with_type(200, "text/plain", query.count(call, &world).to_string().into_bytes()))
}
