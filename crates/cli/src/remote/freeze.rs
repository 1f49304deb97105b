//! `reseat freeze` and `reseat thaw` through REST.

use serde_json::{Value, json};

use crate::exit::Exit;
use crate::remote::client::{Client, RemoteArgs};
use crate::remote::table::{print, text};

/// Who goes on.
#[derive(Debug, clap::Args)]
pub struct ThawArgs {
    #[command(flatten)]
    remote: RemoteArgs,
    /// In single-operator mode: the word thaw
    #[arg(long, value_name = "WORD")]
    typed: Option<String>,
}

/// Freezes as the token's owner.
pub async fn freeze(remote: &RemoteArgs, reason: &str) -> anyhow::Result<Exit> {
    let answer = Client::from_args(remote)?.post("/freeze", &json!({ "reason": reason })).await?;
    print(remote.json, &answer, describe);
    Ok(Exit::Done)
}

/// Asks to go on, or confirms what another person asked.
pub async fn thaw(args: &ThawArgs) -> anyhow::Result<Exit> {
    let body = args.typed.as_ref().map_or_else(|| json!({}), |typed| json!({ "typed": typed }));
    let answer = Client::from_args(&args.remote)?.post("/thaw", &body).await?;
    print(args.remote.json, &answer, describe);
    // The first of two people has done their part; nothing is written until the second one has.
    Ok(if answer["freeze"].is_null() { Exit::Done } else { Exit::NeedsPerson })
}

fn describe(answer: &Value) -> String {
    let freeze = &answer["freeze"];
    if freeze.is_null() {
        return "Writes go on.".to_owned();
    }
    let mut out = format!("Frozen by {}: {}", text(&freeze["frozen_by"]), text(&freeze["reason"]));
    if !freeze["thaw_asked_by"].is_null() {
        out.push_str(&format!("\n{} asked to thaw; another person has to confirm.", text(&freeze["thaw_asked_by"])));
    }
    out
}
