//! The control plane.

use crate::support::Simulator;
use serde_json::{Value, json};
use std::collections::HashMap;

#[tokio::test]
async fn somebody_else_can_be_played() {
    let sim = Simulator::usual();
    let people = sim.people().await;
    let path = format!("users/{}", people[4].id());
    let patch = json!({"last_sign_in": "2026-03-04T11:00:00Z", "account_enabled": false,
        "licenses": ["POWER_BI_PRO", {"sku_id": "f30db892-07e9-47e9-837c-80727f46fd3d", "disabled_plans": []}]});
    let truth = sim.control("PATCH", &path, &patch).await.json();
    assert_eq!((&truth["account_enabled"], &truth["last_sign_in"]), (&json!(false), &json!("2026-03-04T11:00:00Z")));
    let direct = truth["licenses"].as_array().unwrap().iter().filter(|license| license["group_id"].is_null()).count();
    assert_eq!(direct, 2);
    let read = sim.get(&format!("/v1.0/users/{}?$select=accountEnabled,signInActivity", people[4].id())).await.json();
    assert_eq!(read["accountEnabled"], false);
    assert_eq!(read["signInActivity"]["lastSuccessfulSignInDateTime"], "2026-03-04T11:00:00Z");
    assert_eq!(sim.control("PATCH", &path, &json!({"shoe_size": 4})).await.status, 400);
    assert_eq!(sim.control("PATCH", &path, &json!({"licenses": ["NO_SUCH"]})).await.status, 400);
    assert_eq!(sim.control("GET", "users/nobody@contoso.example", &Value::Null).await.status, 404);
}

#[tokio::test]
async fn the_clock_moves_forward_only() {
    let sim = Simulator::usual();
    let now = async || sim.control("GET", "clock", &Value::Null).await.json()["now"].as_str().unwrap().to_owned();
    assert_eq!(now().await, "2026-03-04T12:00:00Z");
    sim.advance(86_400.0).await;
    assert_eq!(now().await, "2026-03-05T12:00:00Z");
    assert_eq!(sim.control("POST", "clock", &json!({"set": "2026-03-10T00:00:00Z"})).await.status, 200);
    assert_eq!(now().await, "2026-03-10T00:00:00Z");
    assert_eq!(sim.control("POST", "clock", &json!({"set": "2026-03-01T00:00:00Z"})).await.status, 400);
    assert_eq!(sim.control("POST", "clock", &json!({"rate": -1.0})).await.status, 400);
    let answer = sim.get("/v1.0/organization").await;
    assert_eq!(answer.header("date"), "Tue, 10 Mar 2026 00:00:00 GMT", "the Date header follows it");
    let faster = sim.control("POST", "clock", &json!({"rate": 1000.0})).await.json();
    assert_eq!(faster["rate"], 1000.0);
}

#[tokio::test]
async fn a_setting_nobody_knows_is_refused() {
    let sim = Simulator::usual();
    assert_eq!(sim.control("PATCH", "settings", &json!({"premum": false})).await.status, 400);
    assert_eq!(sim.control("PATCH", "settings", &json!({"premium": "no"})).await.status, 400);
    assert_eq!(sim.control("GET", "settings", &Value::Null).await.json()["premium"], true);
}

async fn roster(sim: &Simulator) -> Vec<HashMap<String, String>> {
    let text = sim.control("GET", "roster", &Value::Null).await.text;
    assert!(
        text.starts_with(
            "Employee ID,Email,First Name,Last Name,Manager Email,Department,Status,Start Date,End Date\n"
        )
    );
    csv::Reader::from_reader(text.as_bytes()).deserialize().map(|row| row.unwrap()).collect()
}

#[tokio::test]
async fn the_roster_follows_the_clock() {
    let sim = Simulator::usual();
    let before = roster(&sim).await;
    let count =
        |rows: &[HashMap<String, String>], status: &str| rows.iter().filter(|row| row["Status"] == status).count();
    assert!(before.len() > 200 && before.len() < 300, "guests, services and rooms have no row: {}", before.len());
    assert!(count(&before, "inactive") > 3 && count(&before, "on leave") > 0);
    assert_eq!(count(&before, "active") + count(&before, "inactive") + count(&before, "on leave"), before.len());
    assert!(
        before.iter().filter(|row| row["Status"] == "inactive").all(|row| row["End Date"].as_str() <= "2026-03-04")
    );
    let leaving: Vec<&HashMap<String, String>> =
        before.iter().filter(|row| row["Status"] == "active" && !row["End Date"].is_empty()).collect();
    assert!(!leaving.is_empty(), "somebody is about to leave");
    sim.advance(91.0 * 86_400.0).await;
    let after = roster(&sim).await;
    for row in leaving {
        let now = after.iter().find(|other| other["Employee ID"] == row["Employee ID"]).unwrap();
        assert_eq!(now["Status"], "inactive");
    }
    assert_eq!(after.len(), before.len());
}

#[tokio::test]
async fn statistics_count_requests_by_operation() {
    let sim = Simulator::usual();
    let id = sim.people().await[0].id().to_owned();
    sim.get(&format!("/v1.0/users/{id}")).await;
    sim.get(&format!("/v1.0/users/{id}")).await;
    let stats = sim.control("GET", "stats", &Value::Null).await.json();
    assert_eq!(stats["operations"]["GET /users/{id}"]["requests"], 2);
    assert!(stats["operations"]["GET /users"]["resource_units"].as_u64().unwrap() >= 1);
    assert_eq!((&stats["users"], &stats["throttled"]), (&json!(300), &json!(0)));
}
