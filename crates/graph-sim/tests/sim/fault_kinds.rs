//! How planted faults are counted: `skip`, `times`, `seed`, filters, each kind by name, and within a batch.

use crate::support::{Simulator, direct_holder, id_of};
use serde_json::{Value, json};

const KINDS: [&str; 24] = [
    "429-with-retry-after",
    "429-without-retry-after",
    "429-storm",
    "429-inside-batch",
    "429-after-effect",
    "batch-ids-wrong",
    "5xx-before-effect",
    "5xx-after-effect",
    "reset-before-first-byte",
    "reset-after-effect",
    "truncated-answer",
    "token-expired",
    "token-revoked",
    "403-on-one",
    "html-from-proxy",
    "slow",
    "stale-read",
    "flickering-read",
    "re-assigned-by-another",
    "became-inherited",
    "already-gone",
    "plans-changed",
    "next-link-expired-or-looping",
    "delta-expired",
];

/// One round of everything a client does: writes, single reads, pages, delta, a batch. Breaking connections count.
async fn exercise(sim: &Simulator, user: &str, sku: &str) {
    let token = sim.token("everything").await;
    let assign = format!("/v1.0/users/{user}/assignLicense");
    let read = format!("/v1.0/users/{user}?$select=id,assignedLicenses");
    let ask = async |method: &str, path: &str, body: &Value| {
        sim.call_as(&token, method, path, body).await.ok().map(|answer| answer.text).unwrap_or_default()
    };
    let link = |text: &str, name: &str| {
        let body: Value = serde_json::from_str(text).unwrap_or_default();
        body[name].as_str().map(ToOwned::to_owned)
    };
    ask("GET", &read, &Value::Null).await;
    ask("POST", &assign, &json!({"addLicenses": [], "removeLicenses": [sku]})).await;
    ask("POST", &assign, &json!({"addLicenses": [{"skuId": sku}], "removeLicenses": []})).await;
    let page = ask("GET", "/v1.0/users?$top=50&$select=id", &Value::Null).await;
    if let Some(next) = link(&page, "@odata.nextLink") {
        ask("GET", &next, &Value::Null).await;
    }
    let delta = ask("GET", "/v1.0/users/delta?$deltatoken=latest", &Value::Null).await;
    if let Some(next) = link(&delta, "@odata.deltaLink") {
        ask("GET", &next, &Value::Null).await;
    }
    let parts = json!({"requests": [{"id": "1", "method": "GET", "url": "/organization"}, {"id": "2", "method": "GET", "url": format!("/users/{user}")}]});
    ask("POST", "/v1.0/$batch", &parts).await;
}

#[tokio::test]
async fn every_kind_bites_somewhere_in_what_a_client_does() {
    let mut sim = Simulator::start(&["--users", "120"]);
    let (people, skus) = (sim.people().await, sim.skus().await);
    let bi = &skus["POWER_BI_PRO"];
    let (user, sku) = (direct_holder(&people, bi).id().to_owned(), id_of(bi).to_owned());
    for kind in KINDS {
        sim.control("DELETE", "faults", &Value::Null).await;
        sim.plant(&json!({"fault": kind, "delay_ms": 5, "path_contains": "/v1.0"})).await;
        exercise(&sim, &user, &sku).await;
        assert_eq!(sim.bitten().await, [1], "{kind}");
        if kind == "token-revoked" || kind == "became-inherited" {
            // What these did stays done: the next kind gets a fresh tenant.
            sim = Simulator::start(&["--users", "120"]);
        }
    }
}

#[tokio::test]
async fn skip_lets_pass_times_ends_and_a_filter_chooses() {
    let sim = Simulator::start(&["--users", "40"]);
    let token = sim.token("everything").await;
    sim.plant(
        &json!({"fault": "5xx-before-effect", "method": "GET", "path_contains": "organization", "skip": 2, "times": 3}),
    )
    .await;
    let ask = async |path: &str| sim.call_as(&token, "GET", path, &Value::Null).await.unwrap().status;
    let mut seen = Vec::new();
    for _ in 0..7 {
        assert_eq!(ask("/v1.0/subscribedSkus").await, 200, "another path");
        seen.push(ask("/v1.0/organization").await >= 500);
    }
    assert_eq!(seen, [false, false, true, true, true, false, false]);
    let planted = sim.control("GET", "faults", &Value::Null).await.json()["faults"][0].clone();
    assert_eq!((&planted["seen"], &planted["bitten"], &planted["skip"]), (&json!(5), &json!(3), &json!(2)));
}

#[tokio::test]
async fn the_same_seed_bites_the_same_way() {
    let (one, two) = (Simulator::start(&["--users", "40"]), Simulator::start(&["--users", "40"]));
    let bites = async |sim: &Simulator, seed: u64| {
        let token = sim.token("everything").await;
        sim.plant(&json!({"fault": "5xx-before-effect", "times": 12, "seed": seed})).await;
        let mut statuses = Vec::new();
        for _ in 0..12 {
            statuses.push(sim.call_as(&token, "GET", "/v1.0/organization", &Value::Null).await.unwrap().status);
        }
        sim.control("DELETE", "faults", &Value::Null).await;
        statuses
    };
    let first = bites(&one, 7).await;
    assert_eq!(first, bites(&two, 7).await);
    assert_ne!(first, bites(&one, 8).await);
    assert!(first.iter().all(|status| [500, 502, 503, 504].contains(status)));
}

#[tokio::test]
async fn within_a_batch_a_fault_hits_the_part_it_is_planted_for() {
    let sim = Simulator::start(&["--users", "120"]);
    let (people, skus) = (sim.people().await, sim.skus().await);
    let bi = &skus["POWER_BI_PRO"];
    let user = direct_holder(&people, bi).id().to_owned();
    let parts = json!({"requests": [
        {"id": "read", "method": "GET", "url": "/organization"},
        {"id": "write", "method": "POST", "url": format!("/users/{user}/assignLicense"),
            "headers": {"Content-Type": "application/json"}, "body": {"addLicenses": [], "removeLicenses": [id_of(bi)]}},
    ]});
    let statuses = async |kind: &str| {
        sim.control("DELETE", "faults", &Value::Null).await;
        sim.plant(&json!({"fault": kind, "path_contains": "assignLicense", "seed": 2})).await;
        let token = sim.token("everything").await;
        let answer = sim.call_as(&token, "POST", "/v1.0/$batch", &parts).await;
        let Ok(answer) = answer else { return (0, 0) };
        assert_eq!(answer.status, 200, "the outer status means nothing");
        let body = answer.json();
        let status = |id: &str| {
            let part = body["responses"].as_array().unwrap().iter().find(|part| part["id"] == id).unwrap().clone();
            part["status"].as_u64().unwrap()
        };
        (status("read"), status("write"))
    };
    assert_eq!(statuses("429-with-retry-after").await, (200, 429));
    assert_eq!(statuses("403-on-one").await, (200, 403));
    let (read, write) = statuses("5xx-before-effect").await;
    assert!(read == 200 && write >= 500);
    let removed = async || sim.journal().await.iter().filter(|effect| effect["kind"] == "license_removed").count();
    assert_eq!(removed().await, 0, "nothing happened so far");
    assert_eq!(statuses("reset-before-first-byte").await, (0, 0), "a connection breaks as a whole");
    assert_eq!(removed().await, 0);
    assert_eq!(statuses("429-after-effect").await, (200, 429));
    assert_eq!(removed().await, 1, "and yet it was done (G5)");
}
