//! `reseat rules`.

use clap::Subcommand;
use serde_json::Value;

use crate::exit::Exit;
use crate::remote::client::{Client, RemoteArgs};
use crate::remote::table::{print, table, text};

/// What can be done with rules.
#[derive(Debug, Subcommand)]
pub enum RulesCommand {
    /// List the rules
    List(RemoteArgs),
}

/// Runs it.
pub async fn run(command: &RulesCommand) -> anyhow::Result<Exit> {
    let RulesCommand::List(remote) = command;
    let items = Client::from_args(remote)?.list("/rules", usize::MAX).await?;
    print(remote.json, &Value::Array(items), |items| {
        let mut rows = table(&["Name", "Version", "Mode", "Idle after days", "Grace days", "Active", "Id"]);
        for item in items.as_array().into_iter().flatten() {
            let fields = ["name", "version", "mode", "threshold_days", "grace_days", "active", "rule_id"];
            rows.add_row(fields.map(|field| text(&item[field])));
        }
        rows.to_string()
    });
    Ok(Exit::Done)
}
