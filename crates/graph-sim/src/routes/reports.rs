//! Usage reports: the call, the redirect, the download without a token, and the switch that conceals names.

use crate::clock::{DAY, Millis, parse_moment, wall_now};
use crate::cloud::Cloud;
use crate::commands::Command;
use crate::errors::GraphError;
use crate::faults::{Bite, Fault};
use crate::request::{Reply, Request};
use crate::roles;
use crate::routes::pages::{self, Position};
use crate::routes::report_columns::{Pull, Report, json_row, rows};
use crate::routes::report_headers::Shape;
use crate::sim::{Call, Sim, locked};
use crate::world::World;
use serde_json::{Value, json};
use uuid::Uuid;

/// Real milliseconds a download address lives.
const ADDRESS_LIFE: Millis = 5 * 60_000;

/// A download somebody was redirected to: what to write, and until when.
#[derive(Clone, Copy, Debug)]
pub struct Download {
    pub pull: Pull,
    until: Millis,
    /// A truncation planted for the report's call, which has no body of its own to lose.
    spoiled: Option<Bite>,
}

/// `GET /admin/reportSettings`.
pub fn get_settings(call: &Call<'_>) -> Result<Reply, GraphError> {
    call.caller.needs(&["ReportSettings.Read.All"]).map_err(|_| GraphError::report_denied())?;
    if call.sim.read_world().settings.cloud != Cloud::Global && !call.beta {
        return Err(GraphError::new(400, "BadRequest", "Resource not found for the segment 'reportSettings'."));
    }
    call.caller.needs_role(roles::REPORTS).map_err(|_| GraphError::report_denied())?;
    let concealed = call.sim.read_world().settings.conceal_names;
    let context = format!("{}/$metadata#admin/reportSettings/$entity", call.root());
    Ok(Reply::json(200, &json!({"@odata.context": context, "displayConcealedNames": concealed})))
}

/// `PATCH /admin/reportSettings`.
pub fn patch_settings(call: &Call<'_>) -> Result<Reply, GraphError> {
    call.caller.needs(&["ReportSettings.ReadWrite.All"]).map_err(|_| GraphError::report_denied())?;
    call.caller.needs_role(roles::REPORTS).map_err(|_| GraphError::report_denied())?;
    let wanted = call
        .request
        .json()
        .and_then(|body| body.get("displayConcealedNames").and_then(Value::as_bool))
        .ok_or_else(|| GraphError::new(400, "BadRequest", "displayConcealedNames must be true or false."))?;
    call.sim.change(|world| {
        let mut settings = world.settings.clone();
        settings.conceal_names = wanted;
        Ok(Command::Settings { settings })
    })?;
    Ok(Reply::empty(204))
}

/// The midnight (seconds) of the last day reports know about.
fn refreshed(world: &World, now: Millis) -> i64 {
    (now / 1000).div_euclid(DAY) * DAY - world.settings.report_lag_days * DAY
}

/// Reads `name(period='D7')`, `name(date=2026-11-20)` or `name`.
fn parse(world: &World, function: &str, now: Millis) -> Result<Pull, GraphError> {
    let bad = |text: String| GraphError::new(400, "BadRequest", text);
    let (name, arguments) = function.split_once('(').unwrap_or((function, ""));
    let report = Report::named(name).ok_or_else(|| bad(format!("Resource not found for the segment '{name}'.")))?;
    let mut pull = Pull {
        report,
        refreshed: refreshed(world, now),
        period: None,
        one_day: false,
        concealed: world.is_concealed(now),
        shape: Shape {
            recipient_type: world.settings.mailbox_recipient_type,
            short_mailboxes: world.settings.mailbox_short,
            copilot_v2: false,
            plain_durations: !world.settings.teams_iso_durations,
            china: world.settings.cloud == Cloud::China,
            stable_pseudonyms: world.settings.stable_pseudonyms,
        },
    };
    let arguments = arguments.trim_end_matches(')');
    let version_2 = arguments.split(',').any(|argument| argument.trim() == "version='v2'");
    pull.shape.copilot_v2 = version_2 && world.settings.copilot_v2;
    let (key, value) = arguments.split_once('=').unwrap_or(("", ""));
    let value = value.split(',').next().unwrap_or_default().trim_matches('\'');
    match key {
        "period" if report.has_period() => {
            pull.period = Some(match value {
                "D7" => 7,
                "D28" if report == Report::Copilot && version_2 => 28,
                "D30" => 30,
                "D90" => 90,
                "D180" => 180,
                "ALL" if report == Report::Copilot => 180,
                _ => {
                    return Err(bad(format!(
                        "Invalid period value specified: {value}. Only supports D7, D30, D90 and D180."
                    )));
                }
            });
        }
        "date" if report.has_date() => {
            let day = parse_moment(value).map(|at| (at / 1000).div_euclid(DAY) * DAY);
            let day = day.filter(|day| *day <= pull.refreshed && *day > pull.refreshed - 30 * DAY);
            pull.refreshed = day.ok_or_else(|| {
                bad(format!("Invalid date value specified: {value}. Only the last 30 days are kept."))
            })?;
            pull.one_day = true;
        }
        "" if !report.has_period() => {}
        _ => return Err(bad(format!("The parameters of the function '{name}' are missing or not supported."))),
    }
    Ok(pull)
}

/// `GET /reports/{function}`.
pub fn report(call: &Call<'_>, function: &str) -> Result<Reply, GraphError> {
    call.caller.needs(&["Reports.Read.All"]).map_err(|_| GraphError::report_denied())?;
    let world = call.sim.read_world();
    if world.settings.refuse_reports || call.caller.needs_role(roles::REPORTS).is_err() {
        return Err(GraphError::report_denied());
    }
    if call.request.in_batch && !world.settings.reports_in_batch {
        return Err(GraphError::new(400, "BadRequest", "Reports cannot be requested inside a batch."));
    }
    let mut pull = parse(&world, function, call.now)?;
    // Two roles read reports and never a name in them.
    pull.concealed |= call.caller.user.is_some() && roles::sees_no_names(&call.caller.roles);
    check_cloud(&world, call.beta, pull.report)?;
    if pull.report == Report::Copilot && !call.beta && !call.request.path.contains("/copilot/") {
        return Err(GraphError::new(
            400,
            "BadRequest",
            "Resource not found for the segment 'getMicrosoft365CopilotUsageUserDetail'.",
        ));
    }
    let format = call.request.option("$format").unwrap_or_default();
    let as_json = match (pull.report, format) {
        (Report::Copilot, format) => format != "text/csv",
        (Report::Apps, "application/json") => true,
        (_, "application/json") if call.beta => true,
        (_, "application/json") => {
            return Err(GraphError::new(
                400,
                "BadRequest",
                "The query option $format is only supported by the beta endpoint.",
            ));
        }
        (_, _) => false,
    };
    if as_json {
        return json_page(call, &world, &pull);
    }
    let etag = format!("W/\"{function}-{}-{}-{}\"", pull.refreshed / DAY, pull.concealed, world.changes.len());
    if call.request.header("if-none-match") == Some(etag.as_str()) {
        return Ok(Reply::empty(304).and_header("etag", etag));
    }
    Ok(redirect(call, pull).and_header("etag", etag))
}

/// National clouds have few of the reports (5.1).
fn check_cloud(world: &World, beta: bool, report: Report) -> Result<(), GraphError> {
    let everywhere = beta && matches!(report, Report::ActiveUsers | Report::Activations);
    if world.settings.cloud == Cloud::Global || everywhere {
        return Ok(());
    }
    Err(GraphError::new(400, "BadRequest", "This report is not available in this cloud."))
}

/// Sends the client to the download host with an address only it knows.
fn redirect(call: &Call<'_>, pull: Pull) -> Reply {
    let name = format!("{}{}", Uuid::new_v4().simple(), Uuid::new_v4().simple());
    let now = wall_now();
    let mut downloads = locked(&call.sim.downloads);
    downloads.retain(|_, download| download.until > now);
    downloads.insert(
        name.clone(),
        Download {
            pull,
            until: now + ADDRESS_LIFE,
            spoiled: call.bite.filter(|bite| bite.fault == Fault::TruncatedAnswer),
        },
    );
    // A client that came over https is not sent to a plain host.
    let secure = call.request.base.starts_with("https://");
    let base = if secure { &call.sim.download_https } else { &call.sim.download_http };
    Reply::with_type(302, "text/plain", Vec::new()).and_header("location", format!("{base}/data/download/{name}"))
}

/// `GET /data/download/{name}` of the download host: no token wanted, none looked at.
pub fn download(sim: &Sim, request: &Request) -> (Reply, Option<Bite>) {
    let name = request.path.strip_prefix("/data/download/").unwrap_or_default();
    let found = locked(&sim.downloads).get(name).copied().filter(|download| download.until > wall_now());
    let Some(download) = found.filter(|_| request.method == "GET") else {
        return (Reply::with_type(404, "text/plain", b"The report address is unknown or has expired.".to_vec()), None);
    };
    let body = csv(&sim.read_world(), &download.pull);
    let reply = Reply::with_type(200, "application/octet-stream", body)
        .and_header("content-disposition", "attachment; filename=report.csv");
    (reply, download.spoiled)
}

fn csv(world: &World, pull: &Pull) -> Vec<u8> {
    let mut out = if world.settings.report_bom { b"\xEF\xBB\xBF".to_vec() } else { Vec::new() };
    out.extend_from_slice(pull.header_line().as_bytes());
    let kept = pull.kept();
    out.extend_from_slice(b"\r\n");
    let mut writer = csv::WriterBuilder::new().terminator(csv::Terminator::CRLF).from_writer(out);
    for index in 0..world.population.users {
        for row in rows(world, index, pull) {
            writer
                .write_record(kept.iter().map(|at| row[*at].csv()))
                .expect("rows of one report are equally long, and memory takes them");
        }
    }
    writer.into_inner().expect("memory takes the rest")
}

/// JSON pages of 200 rows unless told.
fn json_page(call: &Call<'_>, world: &World, pull: &Pull) -> Result<Reply, GraphError> {
    let top = call.request.option("$top").and_then(|top| top.parse::<usize>().ok()).unwrap_or(200).clamp(1, 999);
    let position = pages::start(call, world, "report")?;
    let mut value: Vec<Value> = Vec::new();
    let mut next = None;
    for index in position.next..world.population.users {
        if value.len() >= top {
            next = Some(index);
            break;
        }
        let moments = world.settings.report_days_as_moments;
        value.extend(rows(world, index, pull).iter().map(|row| json_row(pull, row, moments)));
    }
    let mut body = json!({"@odata.context": format!("{}/$metadata#Collection(microsoft.graph.report)", call.root()), "value": value});
    if let Some(next) = next {
        body["@odata.nextLink"] =
            Value::from(pages::next_link(call, "report", Position { next, made: call.now, mark: 0 }));
    }
    Ok(Reply::json(200, &body))
}
