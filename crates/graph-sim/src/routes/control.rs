//! The control plane: what a test, a demo or a judge may ask and do beside Graph. Microsoft has nothing like it.

use crate::catalogue::{SKUS, SkuIndex, find_sku};
use crate::clock::{Clock, DAY, date_of, day_text, millis_text, parse_moment, second_text};
use crate::commands::Command;
use crate::errors::GraphError;
use crate::faults::{KINDS, Planted};
use crate::groups::GROUPS;
use crate::holdings::InheritedState;
use crate::people::Kind;
use crate::request::{Reply, Request};
use crate::routes::authorize::escape;
use crate::routes::user_fields::employee_id;
use crate::settings::Settings;
use crate::sim::{Sim, locked};
use crate::world::World;
use serde::Deserialize;
use serde_json::{Value, json};
use std::fmt::Write as _;
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
        let state = match path.state {
            InheritedState::Active => "Active",
            InheritedState::Stuck => "ActiveWithError",
        };
        license(path.sku, &path.disabled, Some(path.group), state, path.updated)
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
            "account_enabled": world.is_enabled(index), "last_sign_in": signed_in.map(second_text), "licenses": licenses, "groups": groups,
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
    let index = find(&sim.read_world(), key)?;
    sim.change(|_| Ok(Command::Patch { user: index, enabled: patch.account_enabled, last_sign_in, direct }))
        .map_err(as_text)?;
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

/// What was sent: a list for a browser, JSON for everybody else.
fn mail(sim: &Sim, request: &Request) -> Reply {
    let world = sim.read_world();
    if !request.header("accept").is_some_and(|kinds| kinds.contains("text/html")) {
        return Reply::json(200, &json!({"messages": world.mail}));
    }
    let mut list = String::new();
    for message in world.mail.iter().rev() {
        let text = |name: &str| message.get(name).and_then(Value::as_str).unwrap_or_default();
        let to: Vec<&str> =
            message.get("to").and_then(Value::as_array).into_iter().flatten().filter_map(Value::as_str).collect();
        // The content of an HTML message is shown in a frame that may run nothing.
        let content = if text("content_type").eq_ignore_ascii_case("html") {
            format!("<iframe sandbox srcdoc=\"{}\"></iframe>", escape(text("content")))
        } else {
            format!("<pre>{}</pre>", escape(text("content")))
        };
        let _ = write!(
            list,
            "<article><h2>{}</h2><p>{} · from {} to {}</p>{content}</article>",
            escape(text("subject")),
            escape(text("at")),
            escape(text("from")),
            escape(&to.join(", "))
        );
    }
    let html = format!(
        "<!DOCTYPE html><html lang=\"en\"><head><meta charset=\"utf-8\"><title>Sent mail</title><style>body{{font:1rem sans-serif;margin:2rem}}article{{border-top:1px solid #ccc}}iframe{{width:100%;height:16rem;border:1px solid #ddd}}</style></head><body><h1>Sent mail ({})</h1>{list}</body></html>",
        world.mail.len()
    );
    Reply::with_type(200, "text/html; charset=utf-8", html.into_bytes())
}

/// What the company's HR system exports today.
fn roster(sim: &Sim) -> Reply {
    let world = sim.read_world();
    let now = sim.now() / 1000;
    let mut writer = csv::Writer::from_writer(Vec::new());
    let header = [
        "Employee ID",
        "Email",
        "First Name",
        "Last Name",
        "Manager Email",
        "Department",
        "Status",
        "Start Date",
        "End Date",
    ];
    let whole = "memory takes every row";
    writer.write_record(header).expect(whole);
    for index in 0..world.population.users {
        let kind = world.population.kind(index);
        if !kind.is_in_roster() {
            continue;
        }
        let person = world.population.person(index);
        let manager =
            world.population.manager(index).map(|manager| world.population.person(manager).upn).unwrap_or_default();
        let end = world.population.end_of_employment(index);
        let status = if end.is_some_and(|end| date_of(end) <= date_of(now)) {
            "inactive"
        } else if kind == Kind::OnLeave {
            "on leave"
        } else {
            "active"
        };
        let row = [
            employee_id(index),
            person.upn,
            person.given,
            person.surname,
            manager,
            person.department.to_owned(),
            status.to_owned(),
            day_text(person.created - person.created.rem_euclid(DAY)),
            end.map(day_text).unwrap_or_default(),
        ];
        writer.write_record(row).expect(whole);
    }
    let body = writer.into_inner().expect(whole);
    Reply::with_type(200, "text/csv; charset=utf-8", body)
        .and_header("content-disposition", "attachment; filename=roster.csv")
}
