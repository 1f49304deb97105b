//! `reseat plan` and `reseat apply`.

use std::path::PathBuf;

use anyhow::Context as _;
use serde_json::{Value, json};

use crate::exit::{Complaint, Exit};
use crate::remote::candidates::segment;
use crate::remote::client::{Client, RemoteArgs};
use crate::remote::table::{print, table, text};

/// What is planned.
#[derive(Debug, clap::Args)]
pub struct PlanArgs {
    #[command(flatten)]
    remote: RemoteArgs,
    /// Where the plan is written
    #[arg(short, long, value_name = "FILE")]
    out: PathBuf,
    /// Ids of candidates
    #[arg(required = true, value_name = "CANDIDATE")]
    candidates: Vec<String>,
}

/// What is applied.
#[derive(Debug, clap::Args)]
pub struct ApplyArgs {
    #[command(flatten)]
    remote: RemoteArgs,
    /// A file written by `reseat plan`
    plan: PathBuf,
}

/// Drafts a plan and keeps it in a file, exactly as it was seen.
pub async fn plan(args: &PlanArgs) -> anyhow::Result<Exit> {
    let client = Client::from_args(&args.remote)?;
    let plan = client.post("/plans", &json!({ "candidate_ids": args.candidates })).await?;
    let text = serde_json::to_string_pretty(&plan).context("a plan is JSON")?;
    std::fs::write(&args.out, text).with_context(|| format!("cannot write {}", args.out.display()))?;
    print(args.remote.json, &plan, describe);
    eprintln!("Written to {}. Nothing was changed; `reseat apply {0}` does it.", args.out.display());
    Ok(Exit::Done)
}

/// Applies the very plan of a file: its hash goes along, so that no other can take its place.
pub async fn apply(args: &ApplyArgs) -> anyhow::Result<Exit> {
    let client = Client::from_args(&args.remote)?;
    let remedy = "Make one with `reseat plan -o plan.json CANDIDATE…`.";
    let name = args.plan.display();
    let text = std::fs::read_to_string(&args.plan)
        .map_err(|error| Complaint::usage(format!("cannot read the plan {name}: {error}"), remedy))?;
    let plan: Value = serde_json::from_str(&text)
        .map_err(|error| Complaint::usage(format!("{name} is not a plan: {error}"), remedy))?;
    let (Some(id), Some(hash)) = (plan["plan_id"].as_str(), plan["hash"].as_str()) else {
        return Err(Complaint::usage(format!("{name} is not a plan: it has no plan_id and hash"), remedy));
    };
    let applied = client.post(&format!("/plans/{}/apply", segment(id)?), &json!({ "hash": hash })).await?;
    print(args.remote.json, &applied, describe);
    Ok(Exit::Done)
}

fn describe(plan: &Value) -> String {
    let mut rows = table(&["Kind", "Request", "Approved", "Candidate"]);
    for item in plan["items"].as_array().into_iter().flatten() {
        let request = &item["request"];
        rows.add_row([
            text(&item["kind"]),
            format!("{} {} {}", text(&request["method"]), text(&request["path"]), request["body"]),
            if item["approval_id"].is_null() { "no" } else { "yes" }.to_owned(),
            text(&item["candidate_id"]),
        ]);
    }
    format!("Plan {} ({})\n{rows}", text(&plan["plan_id"]), text(&plan["hash"]))
}
