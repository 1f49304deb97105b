//! `reseat roster import`.

use std::path::PathBuf;

use clap::Subcommand;

use crate::exit::{Complaint, Exit};
use crate::remote::client::{Client, RemoteArgs};
use crate::remote::table::{print, table, text};

/// What can be done with the HR roster.
#[derive(Debug, Subcommand)]
pub enum RosterCommand {
    /// Import a CSV file as the whole roster
    #[command(
        after_help = "Example:\n  reseat roster import people.csv\n\nColumns: email, and any of employee_id, first_name, last_name, manager_email,\ndepartment, status (active, inactive, on_leave), start_date, end_date (YYYY-MM-DD)."
    )]
    Import(ImportArgs),
}

/// What is imported.
#[derive(Debug, clap::Args)]
pub struct ImportArgs {
    #[command(flatten)]
    remote: RemoteArgs,
    /// The CSV file
    file: PathBuf,
}

/// Runs it.
pub async fn run(command: &RosterCommand) -> anyhow::Result<Exit> {
    let RosterCommand::Import(args) = command;
    let client = Client::from_args(&args.remote)?;
    let bytes = std::fs::read(&args.file).map_err(|error| {
        Complaint::usage(
            format!("cannot read {}: {error}", args.file.display()),
            "Check the path and the rights of the file.",
        )
    })?;
    let imported = client.post_csv("/roster", bytes).await?;
    print(args.remote.json, &imported, |imported| {
        let apart = imported["quarantined"].as_array().cloned().unwrap_or_default();
        let mut out = format!("{} rows are in use, {} were set apart\n", text(&imported["accepted"]), apart.len());
        if !apart.is_empty() {
            let mut rows = table(&["Line", "Reason"]);
            for row in &apart {
                rows.add_row([text(&row["line"]), text(&row["reason"])]);
            }
            out.push_str(&rows.to_string());
        }
        out
    });
    let whole = imported["quarantined"].as_array().is_none_or(Vec::is_empty);
    Ok(if whole { Exit::Done } else { Exit::NeedsPerson })
}
