//! Waiting for the first findings, with a line for each step.

use std::collections::BTreeMap;
use std::time::Duration;

use reseat_domain::role::Role;
use reseat_domain::time::Timestamp;
use reseat_engine::Task;
use serde_json::Value;

use crate::demo::prices;
use crate::demo::supervise::Running;
use crate::exit::{Complaint, Exit};
use crate::remote::client::Client;
use crate::remote::table::{amounts, text};

const EVERY: Duration = Duration::from_millis(300);

/// Returns once every source was read and every seat was judged since.
pub async fn first_findings(running: &Running) -> anyhow::Result<()> {
    let manager = running.client(Role::LicenseManager).await?;
    let auditor = running.client(Role::Auditor).await?;
    eprintln!("The server is up at {}", running.server_ready["console_url"].as_str().unwrap_or_default());
    let mut told: BTreeMap<String, String> = BTreeMap::new();
    loop {
        let state = match look(running, &manager, &auditor, &mut told).await {
            Ok(ready) => ready,
            Err(error) if is_passing(&error) => false,
            Err(error) => return Err(error),
        };
        if state {
            break;
        }
        tokio::time::sleep(EVERY).await;
    }
    let mut kept = running.kept.lock().await;
    prices::enter(&running.folder, &mut kept, &manager).await?;
    drop(kept);
    let overview = manager.get("/overview").await?;
    let findings = &overview["findings"];
    eprintln!(
        "{} seats of {} people judged: {} idle, {} in use, {} without enough evidence, {} need a person",
        text(&overview["seats"]),
        text(&overview["people"]),
        text(&findings["idle"]),
        text(&findings["in_use"]),
        text(&findings["insufficient_evidence"]),
        text(&findings["needs_person"]),
    );
    eprintln!("Recoverable a year: {}", amounts(&overview["recoverable"]));
    Ok(())
}

/// A server that is just coming back is no reason to give up; one that does not know us is.
pub fn is_passing(error: &anyhow::Error) -> bool {
    match error.downcast_ref::<Complaint>() {
        Some(complaint) => complaint.exit == Exit::Failed && !complaint.sentence.contains("signed in"),
        None => true,
    }
}

async fn look(
    running: &Running,
    manager: &Client,
    auditor: &Client,
    told: &mut BTreeMap<String, String>,
) -> anyhow::Result<bool> {
    let detail = manager.get(&format!("/applications/{}", running.tenant.tenant_id)).await?;
    let mut last_end: Option<Timestamp> = None;
    let mut all_read = true;
    for task in detail["tasks"].as_array().into_iter().flatten() {
        let reads = text(&task["task"]).parse::<Task>().is_ok_and(Task::reads);
        if task["enabled"] != true || !reads {
            continue;
        }
        let run = &task["last_run"];
        tell_progress(task, run, told);
        match moment(&run["finished_at"]) {
            Some(end) if run["status"] == "succeeded" => last_end = last_end.max(Some(end)),
            Some(_) | None => all_read = false,
        }
    }
    Ok(all_read && judged_since(auditor, last_end).await?)
}

fn tell_progress(task: &Value, run: &Value, told: &mut BTreeMap<String, String>) {
    let said = match (run["status"].as_str(), run["error"].as_str()) {
        (Some("failed" | "held"), Some(error)) => format!("{error} ({})", text(&run["remedy"])),
        (Some(_), _) => text(&run["progress"]["text"]),
        (None, _) => return,
    };
    let label = text(&task["label"]);
    if !said.is_empty() && told.get(&label) != Some(&said) {
        eprintln!("  {label}: {said}");
        told.insert(label, said);
    }
}

/// Whether the trail tells of a judgment at or after this moment.
async fn judged_since(auditor: &Client, since: Option<Timestamp>) -> anyhow::Result<bool> {
    let Some(since) = since else { return Ok(false) };
    let entries = auditor.list("/audit?object_kind=rule", 20).await?;
    let judged =
        |entry: &Value| entry["verb"] == "findings.judged" && moment(&entry["at"]).is_some_and(|at| at >= since);
    Ok(entries.iter().any(judged))
}

/// A moment of an answer.
pub fn moment(value: &Value) -> Option<Timestamp> {
    value.as_str().and_then(|text| text.parse().ok())
}
