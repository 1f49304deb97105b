//! Deleted people: thirty days to come back (2.6, 9#41).

use crate::support::{Simulator, direct_holder, id_of};
use serde_json::{Value, json};

#[tokio::test]
async fn a_deleted_person_can_be_restored_for_thirty_days() {
    let sim = Simulator::usual();
    let (people, skus) = (sim.people().await, sim.skus().await);
    let bi = &skus["POWER_BI_PRO"];
    let user = direct_holder(&people, bi).id();
    let consumed = async || sim.skus().await["POWER_BI_PRO"]["consumedUnits"].as_i64().unwrap();
    let before = consumed().await;
    assert_eq!(sim.call("DELETE", &format!("/v1.0/users/{user}"), &Value::Null).await.status, 204);
    assert_eq!(consumed().await, before - 1, "every seat is free at once");
    let listed = sim.all("/v1.0/directory/deletedItems/microsoft.graph.user?$select=id,displayName").await;
    assert_eq!((listed.len(), &listed[0]["id"]), (1, &json!(user)));
    assert!(listed[0]["deletedDateTime"].is_string());
    assert_eq!(sim.get(&format!("/v1.0/users/{user}")).await.status, 404);
    let item = format!("/v1.0/directory/deletedItems/{user}");
    assert_eq!(sim.get(&item).await.json()["@odata.type"], "#microsoft.graph.user");
    let restored = sim.call("POST", &format!("{item}/restore"), &Value::Null).await;
    assert_eq!((restored.status, &restored.json()["id"]), (200, &json!(user)));
    sim.advance(5.0).await;
    let back = sim.get(&format!("/v1.0/users/{user}?$select=assignedLicenses,licenseAssignmentStates")).await.json();
    assert_eq!(crate::support::Person(back).paths(bi), [true]);
    assert_eq!(consumed().await, before);
    assert_eq!(sim.call("POST", &format!("{item}/restore"), &Value::Null).await.status, 404);
}

#[tokio::test]
async fn after_thirty_days_or_a_second_deletion_nothing_is_left() {
    let sim = Simulator::usual();
    let people = sim.people().await;
    let (one, two) = (people[60].id(), people[61].id());
    for user in [one, two] {
        assert_eq!(sim.control("PATCH", &format!("users/{user}"), &json!({"deleted": true})).await.status, 200);
    }
    let item = |user: &str| format!("/v1.0/directory/deletedItems/{user}");
    assert_eq!(sim.call("DELETE", &item(one), &Value::Null).await.status, 204);
    assert_eq!(sim.get(&item(one)).await.status, 404);
    assert_eq!(sim.get(&item(two)).await.status, 200);
    sim.advance(31.0 * 86_400.0).await;
    assert_eq!(sim.call("POST", &format!("{}/restore", item(two)), &Value::Null).await.status, 404);
    let answer = sim.control("PATCH", &format!("users/{}", people[62].id()), &json!({"deleted": true})).await;
    assert_eq!(answer.json()["deleted"], true);
    let back = sim.control("PATCH", &format!("users/{}", people[62].id()), &json!({"deleted": false})).await;
    assert_eq!(back.json()["deleted"], false, "the control plane restores, too");
}

#[tokio::test]
async fn a_seat_taken_meanwhile_does_not_come_back() {
    let sim = Simulator::usual();
    let (people, skus) = (sim.people().await, sim.skus().await);
    let visio = &skus["VISIOCLIENT"];
    let user = direct_holder(&people, visio).id();
    sim.call("DELETE", &format!("/v1.0/users/{user}"), &Value::Null).await;
    let enabled = visio["prepaidUnits"]["enabled"].as_i64().unwrap();
    sim.control("PATCH", "skus/VISIOCLIENT", &json!({"enabled": enabled - 1})).await;
    sim.call("POST", &format!("/v1.0/directory/deletedItems/{user}/restore"), &Value::Null).await;
    let truth = sim.control("GET", &format!("users/{user}"), &Value::Null).await.json();
    assert!(!truth["licenses"].as_array().unwrap().iter().any(|license| license["sku_id"] == json!(id_of(visio))));
}

#[tokio::test]
async fn without_ref_the_person_is_deleted() {
    let sim = Simulator::usual();
    let group = sim.all("/v1.0/groups?$select=id").await[0]["id"].as_str().unwrap().to_owned();
    let user = sim.all(&format!("/v1.0/groups/{group}/members?$select=id")).await[0]["id"].as_str().unwrap().to_owned();
    let answer = sim.call("DELETE", &format!("/v1.0/groups/{group}/members/{user}"), &Value::Null).await;
    assert_eq!(answer.status, 204);
    let journal = sim.journal().await;
    assert!(journal.iter().any(|effect| effect["kind"] == "user_deleted" && effect["user_id"] == json!(user)), "9#28");
}
