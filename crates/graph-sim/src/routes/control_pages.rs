//! Pages of the control plane that people and other systems read: sent mail and the HR roster.

use crate::clock::{DAY, date_of, day_text};
use crate::people::Kind;
use crate::request::{Reply, Request};
use crate::routes::authorize::escape;
use crate::routes::user_fields::employee_id;
use crate::sim::Sim;
use serde_json::{Value, json};
use std::fmt::Write as _;

/// What was sent: a list for a browser, JSON for everybody else.
pub fn mail(sim: &Sim, request: &Request) -> Reply {
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
pub fn roster(sim: &Sim) -> Reply {
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
