//! A demo watches over its children, and they end with it.

use std::path::Path;
use std::time::Duration;

use serde_json::Value;

use crate::harness::{Person, Started, demo, http, reseat, run, send, served, until};

fn pids(data: &Path) -> Value {
    let text = std::fs::read_to_string(data.join("pids.json")).expect("the demo writes its process ids down");
    serde_json::from_str(&text).expect("JSON")
}

fn pid(pids: &Value, name: &str) -> u32 {
    u32::try_from(pids[name].as_u64().expect("a number")).expect("a process id")
}

/// Whether a process is there and not only a memory of one.
fn lives(pid: u32) -> bool {
    let status = std::fs::read_to_string(format!("/proc/{pid}/stat")).unwrap_or_default();
    status.rsplit_once(") ").is_some_and(|(_, rest)| !rest.starts_with('Z'))
}

async fn clock_of(demo: &Started) -> Option<jiff::Timestamp> {
    let answer = http().get(format!("{}/_sim/clock", demo.text("sim_url"))).send().await.ok()?;
    let value: Value = answer.json().await.ok()?;
    value["now"].as_str()?.parse().ok()
}

#[tokio::test]
async fn a_killed_simulator_is_back_on_its_port_with_its_time_and_a_second_start_keeps_everything() {
    let folder = tempfile::tempdir().expect("a folder");
    let data = folder.path().join("demo");
    let first = demo(&data, &["--users", "60"]);
    let manager = Person::of(&first.ready, "license_manager");
    let moved = manager.post("/demo/clock", &serde_json::json!({ "advance_s": 86_400 })).await;
    let moved: jiff::Timestamp = moved["now"].as_str().expect("a moment").parse().expect("a moment");
    send("KILL", pid(&pids(&data), "simulator"));
    let back = until("the simulator is back", Duration::from_secs(10), async || clock_of(&first).await).await;
    assert!(back.duration_since(moved).as_secs() > -2, "its clock goes on where it ended: {back} after {moved}");
    let (ready, overview) = (first.ready.clone(), manager.get("/overview").await);
    assert_eq!(first.stop(), 0);

    let second = demo(&data, &[]);
    for kept in ["console_url", "graph_url", "tenant_id", "accounts", "store_url", "config_file"] {
        assert_eq!(second.ready[kept], ready[kept], "{kept}");
    }
    let after = manager.get("/overview").await;
    assert_eq!(after["people"], overview["people"], "the old token still opens");
    let after: jiff::Timestamp = after["now"].as_str().expect("a moment").parse().expect("a moment");
    assert!(after >= moved, "the simulated day is kept");
    assert_eq!(second.stop(), 0);
}

#[tokio::test]
async fn children_end_with_a_demo_that_is_killed() {
    let folder = tempfile::tempdir().expect("a folder");
    let data = folder.path().join("demo");
    let demo = demo(&data, &["--users", "60"]);
    let pids = pids(&data);
    send("KILL", pid(&pids, "demo"));
    for child in ["server", "simulator"] {
        let id = pid(&pids, child);
        until(child, Duration::from_secs(30), async || (!lives(id)).then_some(())).await;
    }
    drop(demo);
}

#[tokio::test]
async fn without_restarts_another_server_continues_the_run() {
    let folder = tempfile::tempdir().expect("a folder");
    let data = folder.path().join("demo");
    let demo = demo(&data, &["--users", "60", "--no-restart"]);
    let manager = Person::of(&demo.ready, "license_manager");
    let server = pid(&pids(&data), "server");
    send("KILL", server);
    until("the server is gone", Duration::from_secs(10), async || (!lives(server)).then_some(())).await;
    assert!(manager.try_get("/overview").await.is_none(), "nobody brought it back");
    let server = served(&["--config", demo.text("config_file")]);
    assert_eq!(server.ready["console_url"], demo.ready["console_url"]);
    assert_eq!(manager.get("/overview").await["people"], 60);
    assert_eq!(server.stop(), 0);
    assert_eq!(demo.stop(), 0);
}

#[tokio::test]
async fn secrets_of_a_demo_are_its_own_and_in_no_log() {
    let folder = tempfile::tempdir().expect("a folder");
    let data = folder.path().join("demo");
    let demo = demo(&data, &["--users", "60"]);
    let mut secrets: Vec<String> = ["master.key", "reader.secret", "writer.secret"]
        .iter()
        .map(|name| std::fs::read_to_string(data.join(name)).expect("there").trim().to_owned())
        .collect();
    for account in demo.ready["accounts"].as_array().expect("a list") {
        secrets.extend(["password", "api_token"].map(|name| account[name].as_str().expect("a text").to_owned()));
    }
    Person::of(&demo.ready, "auditor").get("/overview").await;
    assert_eq!(demo.stop(), 0);
    for name in ["server.log", "simulator.log", "sim-journal.jsonl", "reseat.sqlite", "config.toml"] {
        let text = std::fs::read(data.join(name)).expect("there");
        for secret in &secrets {
            let found = text.windows(secret.len()).any(|window| window == secret.as_bytes());
            assert!(!found, "a secret stands in {name} in clear");
        }
    }
    let mode = std::os::unix::fs::PermissionsExt::mode(&data.metadata().expect("there").permissions());
    assert_eq!(mode & 0o777, 0o700);
    let other = run(&mut reseat(&["demo", "--data", &data.display().to_string(), "--users", "61"]));
    assert_eq!(other.code, 2, "another size in the same folder: {}", other.stderr);
}
