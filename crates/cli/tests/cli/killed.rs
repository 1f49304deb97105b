//! The server is killed again and again while removals are under way; the demo brings it back.

use std::collections::BTreeMap;
use std::path::Path;
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use crate::harness::{Person, demo, journal, send, until};

const KILLS: u64 = 10;

fn server_pid(data: &Path) -> u32 {
    let text = std::fs::read_to_string(data.join("pids.json")).expect("the demo writes its process ids down");
    let pids: Value = serde_json::from_str(&text).expect("JSON");
    u32::try_from(pids["server"].as_u64().expect("a number")).expect("a process id")
}

/// Moments that differ from kill to kill and not from run to run.
fn pause_before(kill: u64) -> Duration {
    Duration::from_millis(120 + (kill * 2_654_435_761) % 1_700)
}

#[tokio::test]
async fn ten_kills_during_removals_lose_none_double_none_and_add_none() {
    let folder = tempfile::tempdir().expect("a folder");
    let data = folder.path().join("demo");
    let demo = demo(&data, &["--users", "200", "--seed", "5"]);
    let (manager, approver) = (Person::of(&demo.ready, "license_manager"), Person::of(&demo.ready, "approver"));
    let acting: Vec<&Value> =
        demo.ready["accounts"].as_array().expect("a list").iter().map(|account| &account["user_id"]).collect();
    let seats = manager.list("/seats?kind=idle").await;
    let chosen: Vec<&Value> = seats
        .iter()
        .filter(|seat| seat["paths"].as_array().is_some_and(|paths| paths.len() == 1 && paths[0]["via"] == "direct"))
        .filter(|seat| !acting.contains(&&seat["person"]["user_id"]))
        .take(12)
        .map(|seat| &seat["seat_id"])
        .collect();
    assert!(chosen.len() >= 6, "this world has too few idle seats: {}", chosen.len());
    let opened = manager.post("/candidates", &json!({ "seat_ids": chosen })).await;
    let mut approved: BTreeMap<(String, String), usize> = BTreeMap::new();
    let mut ids = Vec::new();
    for item in opened["items"].as_array().expect("a list") {
        let id = item["candidate"]["candidate_id"].as_str().expect("it was opened").to_owned();
        manager.post(&format!("/candidates/{id}/actions/start"), &json!({})).await;
        approver.post(&format!("/candidates/{id}/actions/approve"), &json!({})).await;
        let (user, sku) = item["seat_id"].as_str().and_then(|seat| seat.split_once('_')).expect("a seat id");
        approved.insert((user.to_owned(), sku.to_owned()), 0);
        ids.push(id);
    }

    for kill in 0..KILLS {
        tokio::time::sleep(pause_before(kill)).await;
        let pid = server_pid(&data);
        send("KILL", pid);
        let killed_at = Instant::now();
        until("the server is back on its port", Duration::from_secs(10), async || {
            let is_back = server_pid(&data) != pid && manager.try_get("/overview").await.is_some();
            is_back.then_some(())
        })
        .await;
        println!("kill {kill}: back after {:?}", killed_at.elapsed());
    }

    // None forgotten: every approved seat comes to its proven end.
    for id in &ids {
        until(id, Duration::from_secs(120), async || {
            let detail = manager.get(&format!("/candidates/{id}")).await;
            assert!(detail["state"] != "attention_required" && detail["state"] != "closed_canceled", "{detail}");
            (detail["state"] == "closed_complete").then_some(())
        })
        .await;
    }
    // None doubled, none added: the journal has each approved removal once and nothing else of ours.
    for effect in journal(demo.text("sim_url")).await.iter().filter(|effect| !effect["app_id"].is_null()) {
        assert_eq!(effect["kind"], "license_removed", "{effect}");
        let seat = (
            effect["user_id"].as_str().expect("an id").to_owned(),
            effect["sku_id"].as_str().expect("an id").to_owned(),
        );
        *approved.get_mut(&seat).unwrap_or_else(|| panic!("nobody approved {effect}")) += 1;
    }
    assert!(approved.values().all(|&times| times == 1), "{approved:?}");
    let trail = Person::of(&demo.ready, "auditor").get("/audit/verify").await;
    assert_eq!(trail["ok"], true, "{trail}");
    assert_eq!(demo.stop(), 0);
}
