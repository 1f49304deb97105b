//! What lasts: the record of effects, and the journal a world is rebuilt from.

use crate::support::{Simulator, direct_holder, group_holder, id_of, refused};
use serde_json::{Value, json};

const EVERYTHING: &str = "/v1.0/users?$top=999&$select=id,displayName,accountEnabled,assignedLicenses,licenseAssignmentStates,signInActivity&$expand=manager($select=id)";

/// All that a client can see of the world, with the addresses of this run taken out.
async fn view(sim: &Simulator) -> String {
    let people = sim.all(EVERYTHING).await;
    let skus = sim.all("/v1.0/subscribedSkus").await;
    let mail = sim.control("GET", "mail", &Value::Null).await.text;
    let settings = sim.control("GET", "settings", &Value::Null).await.text;
    let clock = sim.control("GET", "clock", &Value::Null).await.text;
    format!("{}\n{}\n{mail}\n{settings}\n{clock}", json!(people), json!(skus))
}

#[tokio::test]
async fn a_killed_simulator_comes_back_as_it_was() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("journal");
    let flags = ["--users", "300", "--journal", path.to_str().unwrap()];
    let sim = Simulator::start(&flags);
    let (people, skus) = (sim.people().await, sim.skus().await);
    let bi = &skus["POWER_BI_PRO"];
    let person = direct_holder(&people, bi);
    assert_eq!(sim.try_remove(person.id(), id_of(bi)).await.unwrap().status, 200);
    sim.advance(3_600.5).await;
    let member = group_holder(&people, &skus["SPE_E3"]);
    let group = member.0["licenseAssignmentStates"]
        .as_array()
        .unwrap()
        .iter()
        .find(|state| state["assignedByGroup"].is_string())
        .unwrap();
    let group = group["assignedByGroup"].as_str().unwrap();
    let leave = format!("/v1.0/groups/{group}/members/{}/$ref", member.id());
    sim.call("DELETE", &leave, &Value::Null).await;
    sim.control(
        "PATCH",
        &format!("users/{}", people[5].id()),
        &json!({"account_enabled": false, "last_sign_in": "2026-03-04T10:00:00Z"}),
    )
    .await;
    sim.settings(&json!({"conceal_names": true, "read_lag_ms": 0})).await;
    let message = json!({"message": {"subject": "Hello", "body": {"contentType": "Text", "content": "x"},
        "toRecipients": [{"emailAddress": {"address": "a@contoso.example"}}]}});
    let sent = sim.call("POST", &format!("/v1.0/users/{}/sendMail", people[0].id()), &message).await;
    assert_eq!(sent.status, 202, "{}", sent.text);
    sim.call("DELETE", &format!("/v1.0/users/{}", people[7].id()), &Value::Null).await;
    sim.advance(60.0).await;
    let (seen, effects) = (view(&sim).await, sim.journal().await);
    assert!(effects.len() >= 5, "{effects:?}");
    let tokens = (sim.token("reader").await, sim.ready["tenant_id"].clone());
    sim.kill();

    let sim = Simulator::start(&flags);
    assert_eq!(sim.journal().await, effects);
    assert_eq!(view(&sim).await, seen);
    assert_eq!(sim.ready["users"], 299, "the deleted object does not count");
    assert_eq!(sim.ready["tenant_id"], tokens.1);
    let answer = sim.call_as(&tokens.0, "GET", "/v1.0/organization", &Value::Null).await.unwrap();
    assert_eq!(answer.status, 200, "a token outlives the restart: {}", answer.text);
}

#[tokio::test]
async fn a_line_torn_by_a_kill_is_forgotten() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("journal");
    let flags = ["--users", "60", "--journal", path.to_str().unwrap()];
    let sim = Simulator::start(&flags);
    let id = sim.people().await[2].id().to_owned();
    sim.control("PATCH", &format!("users/{id}"), &json!({"licenses": []})).await;
    let effects = sim.journal().await;
    assert!(!effects.is_empty());
    sim.kill();
    let mut text = std::fs::read_to_string(&path).unwrap();
    text.push_str("{\"at\":1772625600000,\"do\":\"delete_us");
    std::fs::write(&path, text).unwrap();
    let sim = Simulator::start(&flags);
    assert_eq!(sim.journal().await, effects);
}

#[tokio::test]
async fn another_world_does_not_continue_a_journal() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("journal");
    let journal = path.to_str().unwrap();
    Simulator::start(&["--users", "50", "--journal", journal]).kill();
    let (status, text) = refused(&["--users", "50", "--seed", "2", "--journal", journal]);
    assert!(!status.success());
    assert!(text.contains("belongs to another world"), "{text}");
}

#[tokio::test]
async fn the_record_can_be_read_from_where_one_stopped() {
    let sim = Simulator::usual();
    let people = sim.people().await;
    for person in &people[..3] {
        sim.control("PATCH", &format!("users/{}", person.id()), &json!({"licenses": ["FLOW_FREE"]})).await;
    }
    let all = sim.journal().await;
    assert!(all.iter().enumerate().all(|(at, effect)| effect["seq"] == at + 1), "numbered without a gap");
    let late = sim.control("GET", "journal?after=2", &Value::Null).await.text;
    assert_eq!(late.lines().count(), all.len() - 2);
    let fields = ["seq", "at", "app_id", "user_id", "kind", "sku_id", "group_id", "request_id"];
    for effect in &all {
        assert!(fields.iter().all(|name| effect.get(name).is_some()), "{effect}");
        assert_eq!(effect["app_id"], Value::Null, "the control plane is no app");
    }
}
