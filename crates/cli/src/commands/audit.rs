//! `reseat audit verify`: on a stopped server's SQLite file, or on PostgreSQL at any time.

use std::path::Path;

use clap::Subcommand;
use reseat_engine::commands::{TrailReport, verify_trail};
use serde_json::json;

use crate::config::{Config, HostArgs};
use crate::exit::{Complaint, Exit};
use crate::remote::table::table;
use crate::wiring::{open_store, sealer};

/// What can be done with the trail.
#[derive(Debug, Subcommand)]
pub enum AuditCommand {
    /// Check that no entry was changed, left out, added or moved
    #[command(
        after_help = "Examples:\n  reseat audit verify --config reseat.toml\n  reseat audit verify --data .reseat-demo --json\n\n\
Ends with 5 and names the first bad entry when the trail does not hold. With the master key at hand,\n\
what people read beside each entry is compared too."
    )]
    Verify(VerifyArgs),
}

/// Which trail.
#[derive(Debug, clap::Args)]
pub struct VerifyArgs {
    #[command(flatten)]
    host: HostArgs,
    /// Print JSON
    #[arg(long)]
    json: bool,
}

/// Runs it.
pub async fn run(command: &AuditCommand) -> anyhow::Result<Exit> {
    let AuditCommand::Verify(args) = command;
    let config = Config::load(&args.host)?;
    refuse_missing_file(&config)?;
    let store = open_store(&config).await?;
    // Without the key the chains are checked all the same.
    let sealer = match &config.master_key {
        Some(_) => Some(sealer(&config)?),
        None => None,
    };
    let report = verify_trail(&store, sealer.as_ref()).await?;
    store.close().await;
    tell(&report, args.json);
    Ok(if report.broken.is_none() { Exit::Done } else { Exit::Broken })
}

/// Opening makes a file that is not there, and an empty trail would look whole.
fn refuse_missing_file(config: &Config) -> anyhow::Result<()> {
    let file = config.store.strip_prefix("sqlite:").map(|file| Path::new(file.trim_start_matches("//")));
    match file {
        Some(file) if !file.is_file() => Err(Complaint::failed(
            format!("there is no database {}", file.display()),
            "Name it with --config FILE, --data DIR or --store URL.",
        )),
        Some(_) | None => Ok(()),
    }
}

fn tell(report: &TrailReport, as_json: bool) {
    if as_json {
        let logs: Vec<_> =
            report.logs.iter().map(|log| json!({ "log": log.log, "entries": log.entries, "head": log.head })).collect();
        let broken = report.broken.as_ref().map(|bad| json!({ "log": bad.log, "seq": bad.seq, "why": bad.why }));
        println!("{}", json!({ "ok": broken.is_none(), "logs": logs, "broken": broken }));
        return;
    }
    let mut rows = table(&["Log", "Entries", "Head"]);
    for log in &report.logs {
        rows.add_row([log.log.clone(), log.entries.to_string(), log.head.clone()]);
    }
    println!("{rows}");
    match &report.broken {
        None => println!("The trail holds."),
        Some(bad) => println!("The trail does not hold: entry {} of log {}: {}", bad.seq, bad.log, bad.why),
    }
}
