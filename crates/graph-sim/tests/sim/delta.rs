//! `/users/delta` (2.5).

use crate::support::{Simulator, direct_holder, id_of};
use serde_json::{Value, json};

fn rows(body: &Value) -> Vec<Value> {
    body["value"].as_array().unwrap().clone()
}

/// Reads a round to its end: its rows, how many pages were empty, and the link to the next.
async fn round(sim: &Simulator, path: &str) -> (Vec<Value>, usize, String) {
    let (mut met, mut empty, mut next) = (Vec::new(), 0, path.to_owned());
    loop {
        let answer = sim.get(&next).await;
        assert_eq!(answer.status, 200, "{}", answer.text);
        let body = answer.json();
        empty += usize::from(rows(&body).is_empty());
        met.extend(rows(&body));
        match body["@odata.nextLink"].as_str() {
            Some(link) => next = link.to_owned(),
            None => return (met, empty, body["@odata.deltaLink"].as_str().unwrap().to_owned()),
        }
    }
}

#[tokio::test]
async fn only_selected_and_tracked_changes_come_back() {
    let sim = Simulator::usual();
    let (people, skus) = (sim.people().await, sim.skus().await);
    let bi = &skus["POWER_BI_PRO"];
    let holder = direct_holder(&people, bi).id().to_owned();
    let mut links = Vec::new();
    for fields in ["displayName", "assignedLicenses", "licenseAssignmentStates"] {
        let body = sim.get(&format!("/v1.0/users/delta?$deltatoken=latest&$select={fields}")).await.json();
        assert!(rows(&body).is_empty());
        links.push(body["@odata.deltaLink"].as_str().unwrap().to_owned());
    }
    assert_eq!(sim.assign(&holder, &json!([]), &json!([id_of(bi)])).await.status, 200);
    assert!(rows(&sim.get(&links[1]).await.json()).is_empty(), "late like every read");
    sim.advance(5.0).await;
    assert!(rows(&sim.get(&links[0]).await.json()).is_empty(), "not selected");
    assert!(rows(&sim.get(&links[2]).await.json()).is_empty(), "9#6: selectable, and not tracked");
    let changed = rows(&sim.get(&links[1]).await.json());
    assert_eq!((changed.len(), &changed[0]["id"]), (1, &json!(holder)));
    assert!(!changed[0]["assignedLicenses"].as_array().unwrap().iter().any(|license| license["skuId"] == bi["skuId"]));
    sim.settings(&json!({"delta_tracks_licenses": false})).await;
    assert!(rows(&sim.get(&links[1]).await.json()).is_empty(), "the other reading");
}

#[tokio::test]
async fn people_go_come_back_and_go_for_good() {
    let sim = Simulator::usual();
    let people = sim.people().await;
    let user = people[50].id();
    let (_, _, link) = round(&sim, "/v1.0/users/delta?$select=displayName").await;
    sim.call("DELETE", &format!("/v1.0/users/{user}"), &Value::Null).await;
    let reason = async |link: &str| {
        let (met, _, next) = round(&sim, link).await;
        assert!(met.iter().all(|row| row["id"] == json!(user)));
        (met.last().cloned().unwrap_or_default(), next)
    };
    let (gone, link) = reason(&link).await;
    assert_eq!(gone["@removed"]["reason"], "changed");
    sim.call("POST", &format!("/v1.0/directory/deletedItems/{user}/restore"), &Value::Null).await;
    let (back, link) = reason(&link).await;
    assert!(back["displayName"].is_string() && back.get("@removed").is_none());
    sim.call("DELETE", &format!("/v1.0/users/{user}"), &Value::Null).await;
    sim.call("DELETE", &format!("/v1.0/directory/deletedItems/{user}"), &Value::Null).await;
    assert_eq!(reason(&link).await.0["@removed"]["reason"], "deleted");
}

#[tokio::test]
async fn replays_repeats_and_empty_pages_come_when_told() {
    let sim = Simulator::usual();
    sim.settings(&json!({"delta_replays": true})).await;
    let people = sim.people().await;
    sim.call("DELETE", &format!("/v1.0/users/{}", people[70].id()), &Value::Null).await;
    let (met, empty, link) = round(&sim, "/v1.0/users/delta?$select=displayName,accountEnabled").await;
    assert!(empty >= 1, "an empty page leads on");
    assert!(met.iter().any(|row| row["@removed"]["reason"] == "changed"), "even in the first round");
    assert_eq!(met.len(), 300);
    sim.control("PATCH", &format!("users/{}", people[2].id()), &json!({"account_enabled": false})).await;
    let (met, _, _) = round(&sim, &link).await;
    assert!(met.iter().filter(|row| row["id"] == json!(people[2].id())).count() >= 1 && met.len() >= 2, "{met:?}");
}

#[tokio::test]
async fn less_may_come_when_less_is_preferred() {
    let sim = Simulator::usual();
    let people = sim.people().await;
    let (_, _, link) = round(&sim, "/v1.0/users/delta?$select=displayName,accountEnabled").await;
    sim.control("PATCH", &format!("users/{}", people[2].id()), &json!({"account_enabled": false})).await;
    let token = sim.token("reader").await;
    let request = sim.request("GET", &link).bearer_auth(token).header("Prefer", "return=minimal");
    let row = rows(&sim.ask(request).await.unwrap().json())[0].clone();
    assert_eq!(row, json!({"id": people[2].id(), "accountEnabled": false}));
    let whole = rows(&sim.get(&link).await.json())[0].clone();
    assert!(whole["displayName"].is_string());
}

#[tokio::test]
async fn what_delta_does_not_take_is_refused() {
    let sim = Simulator::usual();
    let people = sim.people().await;
    for option in ["$top=10", "$orderby=displayName", "$search=%22displayName:a%22", "$expand=manager"] {
        assert_eq!(sim.get(&format!("/v1.0/users/delta?{option}")).await.status, 400, "{option}");
    }
    assert_eq!(sim.get("/v1.0/users/delta?$select=id,skills").await.status, 501);
    assert_eq!(
        sim.get("/v1.0/users/delta?$select=signInActivity").await.message(),
        "Invalid request for delta query: for this entity set, $expand/$select is not supported for the following properties: signInActivity"
    );
    assert_eq!(sim.get("/v1.0/users/delta?$filter=accountEnabled%20eq%20true").await.status, 400);
    let two = format!("id%20eq%20'{}'%20or%20id%20eq%20'{}'", people[4].id(), people[5].id());
    let (met, _, _) = round(&sim, &format!("/v1.0/users/delta?$select=manager,displayName&$filter={two}")).await;
    assert_eq!(met.len(), 2);
    assert!(met.iter().any(|row| row["manager@delta"][0]["id"].is_string()));
    let many: Vec<String> = (0..51).map(|_| format!("id%20eq%20'{}'", people[4].id())).collect();
    assert_eq!(sim.get(&format!("/v1.0/users/delta?$filter={}", many.join("%20or%20"))).await.status, 400);
    let (_, _, link) = round(&sim, "/v1.0/users/delta?$select=displayName").await;
    sim.advance(8.0 * 86_400.0).await;
    let resync = sim.get(&link).await;
    assert_eq!(resync.status, 410);
    let (again, _, _) = round(&sim, resync.header("location")).await;
    assert_eq!(again.len(), 300, "the Location starts a full round");
    sim.settings(&json!({"delta_expired_400": true})).await;
    let other = sim.get(&link).await;
    assert_eq!((other.status, other.code().as_str()), (400, "syncStateNotFound"));
    assert_eq!(sim.get("/v1.0/users/delta?$deltatoken=nonsense").await.status, 400);
}
