//! `$batch`.

use crate::support::{Simulator, direct_holder, id_of};
use serde_json::{Value, json};

async fn batch(sim: &Simulator, requests: Value) -> crate::support::Answer {
    sim.call("POST", "/v1.0/$batch", &json!({"requests": requests})).await
}

fn by_id<'a>(body: &'a Value, id: &str) -> &'a Value {
    body["responses"].as_array().unwrap().iter().find(|response| response["id"] == id).expect("answered")
}

#[tokio::test]
async fn parts_answer_for_themselves_and_are_told_by_id() {
    let sim = Simulator::usual();
    let (people, skus) = (sim.people().await, sim.skus().await);
    let bi = &skus["POWER_BI_PRO"];
    let holder = direct_holder(&people, bi).id();
    let remove = json!({"addLicenses": [], "removeLicenses": [id_of(bi)]});
    let json_header = json!({"Content-Type": "application/json"});
    let answer = batch(
        &sim,
        json!([
            {"id": "read", "method": "GET", "url": "/users?$top=5&$select=id"},
            {"id": "gone", "method": "GET", "url": "users/5d1b3a0e-2c1f-4a56-9f0e-6f3f2b7c9d10"},
            {"id": "write", "method": "POST", "url": format!("/users/{holder}/assignLicense"), "headers": json_header, "body": remove},
            {"id": "after", "method": "GET", "url": "/organization", "dependsOn": ["gone"]},
        ]),
    )
    .await;
    assert_eq!(answer.status, 200, "{}", answer.text);
    let body = answer.json();
    assert_eq!(by_id(&body, "read")["status"], 200);
    let next = by_id(&body, "read")["body"]["@odata.nextLink"].as_str().unwrap();
    assert!(next.starts_with(&format!("{}/v1.0/users?", sim.text("graph_url"))), "absolute: {next}");
    assert_eq!(by_id(&body, "gone")["status"], 404);
    assert_eq!(by_id(&body, "write")["status"], 200);
    assert_eq!(by_id(&body, "after")["status"], 424);
    assert_eq!(sim.journal().await.len(), 1);
}

#[tokio::test]
async fn a_malformed_batch_runs_nothing() {
    let sim = Simulator::usual();
    let read = |id: &str| json!({"id": id, "method": "GET", "url": "/organization"});
    let many: Vec<Value> = (0..21).map(|number| read(&number.to_string())).collect();
    assert_eq!(batch(&sim, json!(many)).await.status, 400);
    assert_eq!(batch(&sim, json!([read("a"), read("A")])).await.status, 400, "ids are unique whatever their case");
    let no_type = json!([{"id": "1", "method": "POST", "url": "/users/x/assignLicense", "body": {}}]);
    assert_eq!(batch(&sim, no_type).await.status, 400);
    let stats = sim.control("GET", "stats", &Value::Null).await.json();
    assert!(stats["operations"].get("GET /organization").is_none());
}
