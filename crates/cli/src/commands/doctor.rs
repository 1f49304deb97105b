//! `reseat doctor`: looks at connections and tasks on the host, beside a running server too. Changes nothing.

use std::fmt::Write as _;
use std::sync::Arc;

use reseat_engine::clock::{Clock, SystemClock};
use reseat_engine::connections::Ways;
use reseat_engine::doctor::{Finding, Report, Severity, TaskHealth, TaskState, examine};
use reseat_engine::entropy::SystemEntropy;
use reseat_store::Store;

use crate::config::{Config, HostArgs};
use crate::demo::Follower;
use crate::exit::{Complaint, Exit};
use crate::remote::table::table;
use crate::wiring::{configured, graph_at, sealer};

/// Which installation.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  reseat doctor --config reseat.toml
  reseat doctor --data .reseat-demo --json

Signs in with every connection, reads what is granted and compares it with what each integration task needs.
Changes nothing, and may run beside the server. Ends with 0 when nothing needs a person, with 4 when something
does, with 1 when it cannot look.")]
pub struct DoctorArgs {
    #[command(flatten)]
    host: HostArgs,
    /// Print JSON
    #[arg(long)]
    json: bool,
}

/// Runs it.
pub async fn run(args: &DoctorArgs) -> anyhow::Result<Exit> {
    let config = Config::load(&args.host)?;
    let sealer = sealer(&config)?;
    let store = Store::open_for_reading(&config.store).await.map_err(|error| {
        Complaint::failed(
            error.to_string(),
            "Name the database with --config FILE, --data DIR or --store URL; `reseat migrate` or `reseat serve` makes it.",
        )
    })?;
    let clock: Arc<dyn Clock> = match &config.sim_url {
        Some(sim_url) => Follower::begin(sim_url, None).await?.clock(),
        None => Arc::new(SystemClock),
    };
    let ways = Ways {
        graph: graph_at(&config),
        tenant_id: config.tenant_id,
        configured: configured(&config, &clock)?,
        store: store.clone(),
        sealer,
        clock,
        entropy: Arc::new(SystemEntropy),
        keeps_tokens: false,
    };
    let report = examine(&ways).await.map_err(|error| {
        let remedy = "Is the database of this version? `reseat migrate` brings it up to it.";
        Complaint::failed(format!("the database cannot be looked at: {error}"), remedy)
    });
    store.close().await;
    let report = report?;
    if args.json {
        println!("{}", serde_json::to_string(&report)?);
    } else {
        print!("{}", told(&report));
    }
    Ok(if report.healthy { Exit::Done } else { Exit::NeedsPerson })
}

/// The report for people.
fn told(report: &Report) -> String {
    let mut rows = table(&["Task", "Switched", "State", "Through", "Missing", "Broader than needed"]);
    for task in &report.tasks {
        let missing = task.needed.iter().filter(|need| need.granted == Some(false)).filter_map(|need| need.permission);
        let broader = task.broader.iter().map(|broader| broader.permission.as_str());
        rows.add_row([
            task.label.to_owned(),
            if task.enabled { "on" } else { "off" }.to_owned(),
            state(task).to_owned(),
            task.purpose.unwrap_or_default().to_owned(),
            missing.collect::<Vec<_>>().join(", "),
            broader.collect::<Vec<_>>().join(", "),
        ]);
    }
    let mut out = format!("Tenant {}\n\n{rows}\n", report.tenant_id);
    for connection in &report.connections {
        let how = match (&connection.kind, connection.signs_in, connection.tenant) {
            (None, _, _) => "none".to_owned(),
            (Some(kind), true, Some(check)) => format!("{}, signs in; {}", kind.replace('_', " "), check.words()),
            (Some(kind), true, None) => format!("{}, signs in", kind.replace('_', " ")),
            (Some(kind), false, _) => format!("{}, does not sign in", kind.replace('_', " ")),
        };
        let until = connection.expires_at.map(|end| format!(", until {}", end.day())).unwrap_or_default();
        let _ = writeln!(out, "{:<8} {how}{until}", connection.purpose);
    }
    for (severity, heading) in
        [(Severity::Problem, "Does not work"), (Severity::Warning, "Take care"), (Severity::Note, "Worth knowing")]
    {
        let found: Vec<&Finding> = report.findings.iter().filter(|finding| finding.severity == severity).collect();
        if !found.is_empty() {
            let _ = writeln!(out, "\n{heading}");
        }
        for finding in found {
            let _ = writeln!(out, "  {}\n    {}", finding.message, finding.remedy);
        }
    }
    if report.healthy {
        out.push_str("\nNothing needs a person.\n");
    }
    out
}

const fn state(task: &TaskHealth) -> &'static str {
    match task.state {
        TaskState::Ready => "ready",
        TaskState::Limited => "works in part",
        TaskState::Stopped => "stopped",
        TaskState::ReadOnly => "read-only",
        TaskState::NoConnection => "no connection",
        TaskState::Unknown => "not known",
    }
}
