//! `reseat sync`.

use std::time::Duration;

use serde_json::{Value, json};

use crate::exit::Exit;
use crate::remote::client::{Client, RemoteArgs};
use crate::remote::table::{print, table, text};

/// What is read.
#[derive(Debug, clap::Args)]
pub struct SyncArgs {
    #[command(flatten)]
    remote: RemoteArgs,
    /// application_roster, application_access, license_information or hr_roster; all enabled ones without it
    task: Option<String>,
    /// Do not wait for the end
    #[arg(long)]
    no_wait: bool,
}

/// Asks for a sync and follows it to its end.
pub async fn run(args: &SyncArgs) -> anyhow::Result<Exit> {
    let client = Client::from_args(&args.remote)?;
    let body = args.task.as_ref().map_or_else(|| json!({}), |task| json!({ "task": task }));
    let queued = client.post("/syncs", &body).await?;
    let mut runs = queued["items"].as_array().cloned().unwrap_or_default();
    if !args.no_wait {
        follow(&client, &mut runs).await?;
    }
    let exit = exit_of(&runs);
    print(args.remote.json, &Value::Array(runs), |runs| {
        let mut rows = table(&["Task", "Status", "What", "Remedy"]);
        for run in runs.as_array().into_iter().flatten() {
            let what = if run["error"].is_null() { text(&run["progress"]["text"]) } else { text(&run["error"]) };
            rows.add_row([text(&run["label"]), text(&run["status"]), what, text(&run["remedy"])]);
        }
        rows.to_string()
    });
    Ok(exit)
}

/// Reads the runs again until all have ended; each new sentence of their progress goes to people.
async fn follow(client: &Client, runs: &mut [Value]) -> anyhow::Result<()> {
    loop {
        let mut open = false;
        for run in runs.iter_mut() {
            if has_ended(run) {
                continue;
            }
            let before = text(&run["progress"]["text"]);
            *run = client.get(&format!("/syncs/{}", text(&run["sync_id"]))).await?;
            let now = text(&run["progress"]["text"]);
            if now != before {
                eprintln!("{}: {now}", text(&run["label"]));
            }
            open |= !has_ended(run);
        }
        if !open {
            return Ok(());
        }
        tokio::time::sleep(Duration::from_millis(300)).await;
    }
}

/// Whether a run is over.
pub fn has_ended(run: &Value) -> bool {
    !matches!(run["status"].as_str(), Some("queued" | "running"))
}

fn exit_of(runs: &[Value]) -> Exit {
    let is = |word: &str| runs.iter().any(|run| run["status"] == word);
    if is("failed") {
        Exit::Failed
    } else if is("held") {
        Exit::NeedsPerson
    } else {
        Exit::Done
    }
}
