//! `reseat candidates …` and `reseat restore`.

use clap::{Args, Subcommand};
use serde_json::{Value, json};

use crate::exit::{Complaint, Exit};
use crate::remote::client::{Client, RemoteArgs};
use crate::remote::table::{amounts, print, table, text};

/// What can be done with candidates.
#[derive(Debug, Subcommand)]
pub enum CandidatesCommand {
    /// List candidates
    #[command(
        after_help = "Examples:\n  reseat candidates list --state awaiting_approval\n  reseat candidates list --query ada --json"
    )]
    List(ListArgs),
    /// Show one candidate: evidence, what may be done, writes, history
    Show(OneArgs),
    /// Propose to take seats back; a seat id (PERSON_SKU) is opened as a candidate first
    #[command(
        after_help = "Examples:\n  reseat candidates start 0190…\n  reseat candidates start PERSON_SKU PERSON_SKU"
    )]
    Start(ManyArgs),
    /// Take it back: decide that a proposed seat is removed
    Approve(ManyArgs),
    /// Let them keep it
    #[command(after_help = "Example:\n  reseat candidates keep 0190… --reason 'parental leave' --until 2027-03-31")]
    Keep(ManyArgs),
    /// Give up your own seat
    Release(ManyArgs),
    /// Ask the holder
    Notify(ManyArgs),
    /// Give up on a candidate that cannot go on
    #[command(after_help = "Example:\n  reseat candidates skip 0190… --reason 'held through a group'")]
    Skip(ManyArgs),
    /// Say that the seat was removed by hand
    #[command(after_help = "Example:\n  reseat candidates complete 0190… --note 'removed in the admin center'")]
    Complete(ManyArgs),
    /// Try again
    Retry(ManyArgs),
}

/// Which candidates.
#[derive(Debug, Args)]
pub struct ListArgs {
    #[command(flatten)]
    remote: RemoteArgs,
    /// Only in this state; may be given several times
    #[arg(long)]
    state: Vec<String>,
    /// Only of this sku
    #[arg(long, value_name = "SKU_ID")]
    sku: Option<String>,
    /// Only for this reason
    #[arg(long)]
    justification: Option<String>,
    /// Only people whose name contains this
    #[arg(long, value_name = "TEXT")]
    query: Option<String>,
    /// At most so many
    #[arg(long, default_value_t = 50)]
    limit: usize,
}

/// One candidate.
#[derive(Debug, Args)]
pub struct OneArgs {
    #[command(flatten)]
    pub remote: RemoteArgs,
    /// The candidate's id
    pub candidate: String,
}

/// Candidates, and what is said about them.
#[derive(Debug, Args)]
pub struct ManyArgs {
    #[command(flatten)]
    remote: RemoteArgs,
    /// Ids of candidates
    #[arg(required = true, value_name = "CANDIDATE")]
    candidates: Vec<String>,
    /// Why
    #[arg(long)]
    reason: Option<String>,
    /// Until which day it is kept (YYYY-MM-DD)
    #[arg(long, value_name = "DAY")]
    until: Option<String>,
    /// What was done
    #[arg(long)]
    note: Option<String>,
    /// The number of seats, to confirm many at once
    #[arg(long, value_name = "N")]
    count: Option<usize>,
}

/// Runs it.
pub async fn run(command: &CandidatesCommand) -> anyhow::Result<Exit> {
    match command {
        CandidatesCommand::List(args) => list(args).await,
        CandidatesCommand::Show(args) => show(args).await,
        CandidatesCommand::Start(args) => act("start", args).await,
        CandidatesCommand::Approve(args) => act("approve", args).await,
        CandidatesCommand::Keep(args) => act("keep", args).await,
        CandidatesCommand::Release(args) => act("release", args).await,
        CandidatesCommand::Notify(args) => act("notify", args).await,
        CandidatesCommand::Skip(args) => act("skip", args).await,
        CandidatesCommand::Complete(args) => act("complete", args).await,
        CandidatesCommand::Retry(args) => act("retry", args).await,
    }
}

/// `reseat restore CANDIDATE`.
pub async fn restore(args: &OneArgs) -> anyhow::Result<Exit> {
    let client = Client::from_args(&args.remote)?;
    let path = format!("/candidates/{}/actions/restore", segment(&args.candidate)?);
    let after = client.post(&path, &json!({})).await?;
    print(args.remote.json, &after, one_line);
    Ok(exit_of(&after))
}

async fn list(args: &ListArgs) -> anyhow::Result<Exit> {
    let client = Client::from_args(&args.remote)?;
    let mut query: Vec<(&str, &str)> = args.state.iter().map(|state| ("state", state.as_str())).collect();
    query.extend(args.sku.as_deref().map(|sku| ("sku_id", sku)));
    query.extend(args.justification.as_deref().map(|word| ("justification", word)));
    query.extend(args.query.as_deref().map(|text| ("q", text)));
    let items = client.list(&with_query("/candidates", &query), args.limit).await?;
    print(args.remote.json, &Value::Array(items), |items| {
        let mut rows = table(&["No.", "State", "Person", "License", "Why", "Saves a year", "Id"]);
        for item in items.as_array().into_iter().flatten() {
            rows.add_row([
                text(&item["number"]),
                text(&item["state_label"]),
                text(&item["person"]["display_name"]),
                text(&item["sku"]["name"]),
                text(&item["why"]),
                amounts(&item["annual_savings"]),
                text(&item["candidate_id"]),
            ]);
        }
        rows.to_string()
    });
    Ok(Exit::Done)
}

async fn show(args: &OneArgs) -> anyhow::Result<Exit> {
    let client = Client::from_args(&args.remote)?;
    let detail = client.get(&format!("/candidates/{}", segment(&args.candidate)?)).await?;
    print(args.remote.json, &detail, describe);
    Ok(Exit::Done)
}

/// One candidate takes the plain way; many go in one request that may ask for their number.
async fn act(action: &str, args: &ManyArgs) -> anyhow::Result<Exit> {
    let client = Client::from_args(&args.remote)?;
    let ids = if action == "start" { open_seats(&client, &args.candidates).await? } else { args.candidates.clone() };
    let mut body = json!({});
    for (key, said) in [("reason", &args.reason), ("until", &args.until), ("note", &args.note)] {
        if let Some(said) = said {
            body[key] = json!(said);
        }
    }
    if let [id] = ids.as_slice() {
        let after = client.post(&format!("/candidates/{}/actions/{action}", segment(id)?), &body).await?;
        print(args.remote.json, &after, one_line);
        return Ok(exit_of(&after));
    }
    body["candidate_ids"] = json!(ids);
    if let Some(count) = args.count {
        body["typed_count"] = json!(count);
    }
    let answer = client.post(&format!("/candidates/actions/{action}"), &body).await?;
    print(args.remote.json, &answer, |answer| {
        let mut rows = table(&["Id", "State", "Problem"]);
        for item in answer["items"].as_array().into_iter().flatten() {
            rows.add_row([text(&item["candidate_id"]), text(&item["state"]), text(&item["problem"])]);
        }
        rows.to_string()
    });
    let refused = answer["items"].as_array().into_iter().flatten().any(|item| !item["problem"].is_null());
    Ok(if refused { Exit::Refused } else { Exit::Done })
}

/// Opens seats as candidates; what is a candidate already stays as it is.
async fn open_seats(client: &Client, ids: &[String]) -> anyhow::Result<Vec<String>> {
    let (seats, mut candidates): (Vec<String>, Vec<String>) = ids.iter().cloned().partition(|id| id.contains('_'));
    if seats.is_empty() {
        return Ok(candidates);
    }
    let answer = client.post("/candidates", &json!({ "seat_ids": seats })).await?;
    for item in answer["items"].as_array().into_iter().flatten() {
        match item["candidate"]["candidate_id"].as_str() {
            Some(id) => candidates.push(id.to_owned()),
            None => eprintln!("{}: {}", text(&item["seat_id"]), text(&item["problem"])),
        }
    }
    if candidates.is_empty() {
        return Err(Complaint::refused("none of these seats could be opened", "The lines above say why."));
    }
    Ok(candidates)
}

/// Where an action led: a candidate that cannot go on needs a person.
fn exit_of(detail: &Value) -> Exit {
    if detail["state"] == "attention_required" { Exit::NeedsPerson } else { Exit::Done }
}

fn one_line(detail: &Value) -> String {
    let mut line = format!(
        "{}: {}, {}, {}",
        text(&detail["number"]),
        text(&detail["person"]["display_name"]),
        text(&detail["sku"]["name"]),
        text(&detail["state_label"])
    );
    if !detail["attention"].is_null() {
        line.push_str(&format!(
            "\n  {}\n  {}",
            text(&detail["attention"]["text"]),
            text(&detail["attention"]["remedy"])
        ));
    }
    line
}

fn describe(detail: &Value) -> String {
    let mut out = format!("{}\n{}\n", one_line(detail), text(&detail["why"]));
    let mut evidence = table(&["Signal", "Value", "Source", "As of", "Says", "Note"]);
    for item in detail["evidence"].as_array().into_iter().flatten() {
        let fields = ["label", "value", "source", "as_of", "status", "note"].map(|field| text(&item[field]));
        evidence.add_row(fields);
    }
    out.push_str(&format!("\n{evidence}\n\n"));
    for item in detail["allowed_actions"].as_array().into_iter().flatten() {
        let why_not =
            if item["allowed"] == true { String::new() } else { format!("  (not now: {})", text(&item["why_not"])) };
        out.push_str(&format!("{:<10} {}{why_not}\n", text(&item["action"]), text(&item["label"])));
    }
    out.push('\n');
    for item in detail["history"].as_array().into_iter().flatten() {
        let reason = item["reason"].as_str().map_or_else(String::new, |reason| format!(" ({reason})"));
        out.push_str(&format!("{}  {}{reason}\n", text(&item["at"]), text(&item["text"])));
    }
    out
}

/// A path with a query whose values may hold anything.
pub fn with_query(path: &str, query: &[(&str, &str)]) -> String {
    if query.is_empty() {
        return path.to_owned();
    }
    let mut url = reqwest::Url::parse("http://path").expect("a constant address");
    url.query_pairs_mut().extend_pairs(query);
    format!("{path}?{}", url.query().unwrap_or_default())
}

/// An id as part of a path: nothing in it may lead elsewhere.
pub fn segment(id: &str) -> anyhow::Result<&str> {
    let plain = !id.is_empty() && id.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_".contains(&byte));
    if plain {
        return Ok(id);
    }
    Err(Complaint::usage(format!("not an id: {id:?}"), "Ids are shown in the last column of the lists."))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_leads_nowhere_else() {
        assert!(segment("0190a-b_c").is_ok());
        assert!(segment("../freeze").is_err());
        assert!(segment("").is_err());
    }

    #[test]
    fn a_query_may_hold_anything() {
        assert_eq!(with_query("/c", &[("q", "a&b=c"), ("state", "ready")]), "/c?q=a%26b%3Dc&state=ready");
        assert_eq!(with_query("/c", &[]), "/c");
    }
}
