//! The published limits.

use crate::support::Simulator;
use serde_json::{Value, json};

#[tokio::test]
async fn the_fifteenth_pull_of_a_report_in_ten_minutes_is_throttled() {
    let sim = Simulator::start(&["--users", "50", "--throttle", "on"]);
    let token = sim.token("reader").await;
    let pull = async |function: &str| {
        sim.call_as(&token, "GET", &format!("/v1.0/reports/{function}(period='D7')"), &Value::Null).await.unwrap()
    };
    for _ in 0..14 {
        assert_eq!(pull("getOffice365ActiveUserDetail").await.status, 302);
    }
    let answer = pull("getOffice365ActiveUserDetail").await;
    assert_eq!((answer.status, answer.code().as_str()), (429, "TooManyRequests"));
    assert!(answer.header("retry-after").parse::<u64>().unwrap() > 0);
    let scope = answer.header("x-ms-throttle-scope");
    assert!(scope.starts_with("Tenant_Application/Read/") && scope.ends_with(sim.text("tenant_id")), "{scope}");
    assert_eq!(pull("getMailboxUsageDetail").await.status, 302, "each function is counted by itself");
}

#[tokio::test]
async fn a_small_tenant_has_few_units_and_answers_say_what_they_cost() {
    let sim = Simulator::start(&["--users", "45", "--throttle", "on"]);
    let token = sim.token("reader").await;
    let one = sim.call_as(&token, "GET", "/v1.0/subscribedSkus", &Value::Null).await.unwrap();
    assert_eq!((one.status, one.header("x-ms-resource-unit")), (200, "3"));
    // Each part of a batch is charged by itself, found or not: 20 parts cost 100 of the 3,500 units of ten seconds.
    let parts: Vec<Value> = (0..20)
        .map(|id| json!({"id": id.to_string(), "method": "GET", "url": "/groups/none/transitiveMembers"}))
        .collect();
    let mut refused = None;
    for _ in 0..200 {
        let answer = sim.call_as(&token, "POST", "/v1.0/$batch", &json!({"requests": parts})).await.unwrap();
        if answer.status == 429 {
            refused = Some(answer.header("x-ms-throttle-information").to_owned());
            break;
        }
        let body = answer.json();
        if let Some(part) = body["responses"].as_array().unwrap().iter().find(|part| part["status"] == 429) {
            refused = Some(part["headers"]["X-Ms-Throttle-Information"].as_str().unwrap().to_owned());
            break;
        }
    }
    assert_eq!(refused.as_deref(), Some("ResourceUnitLimitExceeded"));
}
