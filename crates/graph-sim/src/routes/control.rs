//! The control plane: what a test, a demo or a judge may ask and do beside Graph. Microsoft has nothing like it.

use crate::apps::{App, AppState};
use crate::catalogue::{SKUS, SkuIndex, find_sku};
use crate::clock::{Clock, day_text, millis_text, parse_moment, second_text};
use crate::commands::{Account, Command};
use crate::effects::Actor;
use crate::errors::GraphError;
use crate::faults::{KINDS, Planted};
use crate::groups::GROUPS;
use crate::request::{Reply, Request};
use crate::routes::control_pages::{mail, roster};
use crate::settings::Settings;
use crate::sim::{Sim, locked};
use crate::world::World;
use serde::Deserialize;
use serde_json::{Value, json};
use std::sync::PoisonError;
use uuid::Uuid;

type Answer = Result<Reply, (u16, String)>;

fn bad(text: impl Into<String>) -> (u16, String) {
    (400, text.into())
}

fn as_text(error: GraphError) -> (u16, String) {
    (error.status, error.message)
}

fn body<T: for<'de> Deserialize<'de>>(request: &Request) -> Result<T, (u16, String)> {
    serde_json::from_slice(&request.body).map_err(|error| bad(error.to_string()))
}

/// `/_sim/…`.
pub fn route(sim: &Sim, request: &Request, segments: &[&str]) -> Reply {
    let answer = match (request.method.as_str(), segments) {
        ("GET", ["journal"]) => journal(sim, request),
        ("GET", ["stats"]) => Ok(stats(sim)),
        ("GET", ["requests"]) => requests(sim, request),
        ("GET", ["apps"]) => Ok(apps(sim)),
        ("PATCH", ["apps", key]) => patch_app(sim, request, key),
        ("PATCH", ["skus", key]) => patch_sku(sim, request, key),
        ("GET", ["users", key]) => user(sim, key),
        ("PATCH", ["users", key]) => patch_user(sim, request, key),
        ("POST", ["faults"]) => plant(sim, request),
        ("GET", ["faults"]) => Ok(Reply::json(200, &json!({"faults": locked(&sim.faults).list, "kinds": KINDS}))),
        ("DELETE", ["faults"]) => {
            locked(&sim.faults).list.clear();
            Ok(Reply::empty(204))
        }
        ("GET", ["clock"]) => Ok(clock(sim)),
        ("POST", ["clock"]) => move_clock(sim, request),
        ("GET", ["mail"]) => Ok(mail(sim, request)),
        ("GET", ["settings"]) => Ok(Reply::json(200, &json!(sim.read_world().settings))),
        ("PATCH", ["settings"]) => patch_settings(sim, request),
        ("GET", ["roster"]) => Ok(roster(sim)),
        _ => Err((404, "no such page in the control plane".to_owned())),
    };
    answer.unwrap_or_else(|(status, text)| Reply::json(status, &json!({"error": text})))
}

fn journal(sim: &Sim, request: &Request) -> Answer {
    let after = request.option("after").map_or(Ok(0), |text| text.parse().map_err(|_| bad("after must be a seq")))?;
    let lines = sim.read_world().effects.lines(after);
    Ok(Reply::with_type(200, "application/x-ndjson", lines.into_bytes()))
}

/// What clients asked lately.
fn requests(sim: &Sim, request: &Request) -> Answer {
    let after = request.option("after").map_or(Ok(0), |text| text.parse().map_err(|_| bad("after must be a seq")))?;
    let log = locked(&sim.log);
    let (requests, last, lost) = log.after(after);
    Ok(Reply::json(200, &json!({"requests": requests, "last": last, "lost": lost})))
}

fn app_view(sim: &Sim, app: &App) -> Value {
    let state = sim.read_world().apps.get(&app.client_id).cloned().unwrap_or_default();
    json!({"purpose": app.purpose, "client_id": app.client_id, "declared": app.declared,
        "permissions": sim.permissions(app), "disabled": state.disabled, "secret_expired": state.secret_expired,
        "public": state.public, "certificate_removed": state.certificate_removed, "single_tenant": state.single_tenant})
}

fn apps(sim: &Sim) -> Reply {
    let apps: Vec<Value> = sim.apps.iter().map(|app| app_view(sim, app)).collect();
    Reply::json(200, &json!({"apps": apps}))
}

/// Plays the administrator of app registrations; the app goes by its id or its purpose.
fn patch_app(sim: &Sim, request: &Request, key: &str) -> Answer {
    let app = sim
        .apps
        .iter()
        .find(|app| app.purpose == key || app.client_id.eq_ignore_ascii_case(key))
        .ok_or_else(|| (404, format!("no app {key}")))?;
    let changes: serde_json::Map<String, Value> = body(request)?;
    let before = sim.read_world().apps.get(&app.client_id).cloned().unwrap_or_default();
    let mut merged = serde_json::to_value(before).map_err(|error| bad(error.to_string()))?;
    for (name, value) in changes {
        merged[name] = value;
    }
    let state: AppState = serde_json::from_value(merged).map_err(|error| bad(error.to_string()))?;
    sim.change(|_| Ok(Command::App { client_id: app.client_id.clone(), state })).map_err(as_text)?;
    Ok(Reply::json(200, &app_view(sim, app)))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct SkuPatch {
    enabled: Option<i64>,
    warning: Option<i64>,
    suspended: Option<i64>,
}

/// Plays the purchase: how many units of a license type are live, in grace or over.
fn patch_sku(sim: &Sim, request: &Request, key: &str) -> Answer {
    let (sku, patch): (SkuIndex, SkuPatch) = (sku_named(key)?, body(request)?);
    sim.change(|world| {
        Ok(Command::Pool {
            sku,
            enabled: patch.enabled.unwrap_or(world.prepaid[sku]),
            warning: patch.warning.unwrap_or(world.warning[sku]),
            suspended: patch.suspended.unwrap_or(world.suspended[sku]),
        })
    })
    .map_err(as_text)?;
    let world = sim.read_world();
    let view = json!({"sku_id": SKUS[sku].id, "sku_part_number": SKUS[sku].part_number, "consumed": world.consumed[sku],
        "enabled": world.prepaid[sku], "warning": world.warning[sku], "suspended": world.suspended[sku]});
    Ok(Reply::json(200, &view))
}

fn stats(sim: &Sim) -> Reply {
    let (users, seats) = {
        let world = sim.read_world();
        (world.user_objects(), world.seats())
    };
    let operations = locked(&sim.throttle).operations.clone();
    let sum = |pick: fn(&crate::throttle::Operation) -> u64| operations.values().map(pick).sum::<u64>();
    Reply::json(
        200,
        &json!({
            "world": sim.world_name, "now": millis_text(sim.now()), "users": users, "seats": seats,
            "requests": sum(|operation| operation.requests), "throttled": sum(|operation| operation.throttled),
            "resource_units": sum(|operation| operation.resource_units), "operations": operations,
        }),
    )
}

fn find(world: &World, key: &str) -> Result<u64, (u16, String)> {
    world.find_user(key).ok_or_else(|| (404, format!("no user object {key}")))
}

/// The truth about a user object, without any lag.
fn user(sim: &Sim, key: &str) -> Answer {
    let world = sim.read_world();
    let deleted = world.find_deleted(key);
    let index = deleted.map_or_else(|| find(&world, key), Ok)?;
    let person = world.population.person(index);
    let holdings = world.holdings(index);
    let license = |sku: SkuIndex, disabled: &[Uuid], group: Option<usize>, state: &str, updated: i64| {
        json!({"sku_id": SKUS[sku].id, "sku_part_number": SKUS[sku].part_number, "disabled_plans": disabled,
            "group_id": group.map(|group| world.group_id(group)), "state": state, "last_updated": second_text(updated)})
    };
    let mut licenses: Vec<Value> =
        holdings.direct.iter().map(|path| license(path.sku, &path.disabled, None, "Active", path.updated)).collect();
    licenses.extend(holdings.inherited.iter().map(|path| {
        let (state, error) = path.state.on_the_wire();
        let mut view = license(path.sku, &path.disabled, Some(path.group), state, path.updated);
        view["error"] = Value::from(error);
        view
    }));
    let groups: Vec<Value> = world
        .memberships(index)
        .iter()
        .map(|member| json!({"id": world.group_id(member.group), "name": GROUPS[member.group].name}))
        .collect();
    let signed_in = world.set_sign_in(index).or_else(|| {
        let found = world.population.sign_ins(index, sim.now() / 1000);
        found.successful
    });
    Ok(Reply::json(
        200,
        &json!({
            "id": person.id, "user_principal_name": person.upn, "display_name": person.display, "deleted": deleted.is_some(),
            "account_enabled": world.is_enabled(index), "last_sign_in": signed_in.map(second_text), "roles": world.roles(index),
            "usage_location": world.usage_location(index), "licenses": licenses, "groups": groups,
            "manager_id": world.population.manager(index).map(|manager| world.user_id(manager)),
            "end_of_employment": world.population.end_of_employment(index).map(day_text),
        }),
    ))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct UserPatch {
    last_sign_in: Option<String>,
    account_enabled: Option<bool>,
    licenses: Option<Vec<LicensePatch>>,
    /// Directory roles by name.
    roles: Option<Vec<String>>,
    /// Two letters; empty for none.
    usage_location: Option<String>,
    /// Deletes the object, or brings it back.
    deleted: Option<bool>,
    /// Ends every session: refresh tokens made so far are worth nothing.
    #[serde(default)]
    revoke_sessions: bool,
}

/// A direct license: its id or part number alone, or with the plans switched off.
#[derive(Deserialize)]
#[serde(untagged)]
enum LicensePatch {
    Plain(String),
    WithPlans {
        sku_id: String,
        #[serde(default)]
        disabled_plans: Vec<Uuid>,
    },
}

fn sku_named(name: &str) -> Result<SkuIndex, (u16, String)> {
    let by_number = || SKUS.iter().position(|sku| sku.part_number.eq_ignore_ascii_case(name));
    name.parse()
        .ok()
        .and_then(find_sku)
        .or_else(by_number)
        .ok_or_else(|| bad(format!("the tenant has no license type {name}")))
}

/// Plays another actor: an administrator, or the person at work. `licenses` is the whole set of direct licenses.
fn patch_user(sim: &Sim, request: &Request, key: &str) -> Answer {
    let patch: UserPatch = body(request)?;
    let last_sign_in = match &patch.last_sign_in {
        None => None,
        Some(text) => Some(parse_moment(text).ok_or_else(|| bad(format!("{text} is no moment")))? / 1000),
    };
    let mut direct: Option<Vec<(SkuIndex, Vec<Uuid>)>> = None;
    for license in patch.licenses.iter().flatten() {
        let (name, disabled) = match license {
            LicensePatch::Plain(name) => (name, Vec::new()),
            LicensePatch::WithPlans { sku_id, disabled_plans } => (sku_id, disabled_plans.clone()),
        };
        direct.get_or_insert_default().push((sku_named(name)?, disabled));
    }
    if patch.licenses.is_some() && direct.is_none() {
        direct = Some(Vec::new());
    }
    let mut roles = None;
    for name in patch.roles.iter().flatten() {
        let role = crate::roles::named(name).ok_or_else(|| bad(format!("there is no directory role {name}")))?;
        roles.get_or_insert_with(Vec::new).push(role.name.to_owned());
    }
    if patch.roles.is_some() && roles.is_none() {
        roles = Some(Vec::new());
    }
    if patch.deleted == Some(false) {
        let index = sim.read_world().find_deleted(key).ok_or_else(|| (404, format!("no deleted object {key}")))?;
        sim.change(|_| Ok(Command::RestoreUser { user: index, actor: Actor::default() })).map_err(as_text)?;
    }
    let index = find(&sim.read_world(), key)?;
    let account = Account {
        enabled: patch.account_enabled,
        last_sign_in,
        direct,
        usage_location: patch.usage_location,
        roles,
        revoke_sessions: patch.revoke_sessions,
    };
    if account != Account::default() {
        sim.change(|_| Ok(Command::Patch { user: index, account })).map_err(as_text)?;
    }
    if patch.deleted == Some(true) {
        sim.change(|_| Ok(Command::DeleteUser { user: index, actor: Actor::default() })).map_err(as_text)?;
    }
    user(sim, key)
}

fn plant(sim: &Sim, request: &Request) -> Answer {
    let planted: Planted = body(request)?;
    let reply = Reply::json(201, &json!(planted));
    locked(&sim.faults).list.push(planted);
    Ok(reply)
}

fn clock(sim: &Sim) -> Reply {
    let rate = sim.clock.read().unwrap_or_else(PoisonError::into_inner).rate;
    Reply::json(200, &json!({"now": millis_text(sim.now()), "rate": rate}))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ClockMove {
    set: Option<String>,
    advance_s: Option<f64>,
    rate: Option<f64>,
}

fn move_clock(sim: &Sim, request: &Request) -> Answer {
    let wish: ClockMove = body(request)?;
    {
        let mut clock = sim.clock.write().unwrap_or_else(PoisonError::into_inner);
        let now = clock.now();
        let rate = wish.rate.unwrap_or(clock.rate);
        if !rate.is_finite() || !(0.0..=1e6).contains(&rate) {
            return Err(bad("rate must be between 0 and 1000000"));
        }
        let target = match (&wish.set, wish.advance_s) {
            (Some(_), Some(_)) => return Err(bad("set or advance_s, not both")),
            (Some(text), None) => parse_moment(text).ok_or_else(|| bad(format!("{text} is no moment")))?,
            #[expect(clippy::cast_possible_truncation, reason = "checked to be below 2^52 milliseconds")]
            (None, Some(seconds)) if (0.0..=4e9).contains(&seconds) => now + (seconds * 1000.0) as i64,
            (None, Some(_)) => return Err(bad("advance_s must be between 0 and 4000000000")),
            (None, None) => now,
        };
        if target < now {
            return Err(bad("the simulated clock never goes back: what happened stays in the past"));
        }
        *clock = Clock::starting_at(target, rate);
    }
    let rate = sim.clock.read().unwrap_or_else(PoisonError::into_inner).rate;
    sim.change(|_| Ok(Command::Clock { rate })).map_err(as_text)?;
    Ok(clock(sim))
}

fn patch_settings(sim: &Sim, request: &Request) -> Answer {
    let changes: serde_json::Map<String, Value> = body(request)?;
    sim.change(|world| {
        let refused = |error: serde_json::Error| GraphError::new(400, "BadRequest", error.to_string());
        let mut merged = serde_json::to_value(&world.settings).map_err(refused)?;
        for (name, value) in changes {
            merged[name] = value;
        }
        let settings: Settings = serde_json::from_value(merged).map_err(refused)?;
        Ok(Command::Settings { settings })
    })
    .map_err(as_text)?;
    Ok(Reply::json(200, &json!(sim.read_world().settings)))
}
