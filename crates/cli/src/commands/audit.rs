//! `reseat audit verify`: at any time, whether a server runs or not.

use clap::Subcommand;
use reseat_engine::commands::{TrailReport, verify_trail};
use reseat_store::Store;
use serde_json::json;

use crate::config::{Config, HostArgs};
use crate::exit::{Complaint, Exit};
use crate::remote::table::table;
use crate::wiring::sealer;

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
    // Beside a running server too: reading takes no lock.
    let store = Store::open_for_reading(&config.store).await.map_err(|error| {
        Complaint::failed(error.to_string(), "Name the database with --config FILE, --data DIR or --store URL.")
    })?;
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
