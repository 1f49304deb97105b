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

#[tokio::test]
async fn sign_ins_have_a_limit_of_their_own() {
    let sim = Simulator::start(&["--users", "60", "--throttle", "on"]);
    let token = sim.token("reader").await;
    let ask = async |path: &str| sim.call_as(&token, "GET", path, &Value::Null).await.unwrap();
    for _ in 0..10 {
        assert_eq!(ask("/v1.0/users?$top=50&$select=id,signInActivity").await.status, 200);
    }
    let refused = ask("/v1.0/users?$top=50&$select=id,signInActivity").await;
    assert_eq!(refused.status, 429);
    let wait: u64 = refused.header("retry-after").parse().unwrap();
    assert!((1..=60).contains(&wait), "{wait}");
    assert_eq!(ask("/v1.0/users?$top=50&$select=id").await.status, 200, "people without sign-ins go on");
    sim.settings(&json!({"sign_ins_per_minute": 100})).await;
    assert_eq!(ask("/v1.0/users?$top=50&$select=id,signInActivity").await.status, 200);
}

#[tokio::test]
async fn writes_are_counted_part_by_part_and_a_nearly_full_window_says_so() {
    let sim = Simulator::start(&["--users", "60", "--throttle", "on"]);
    let token = sim.token("everything").await;
    let nobody = "5d1b3a0e-2c1f-4a56-9f0e-6f3f2b7c9d10";
    // Parts that fail are charged, too: 150 batches of 20 are the 3,000 writes of 150 seconds.
    let parts: Vec<Value> = (0..20)
        .map(|id| json!({"id": id.to_string(), "method": "DELETE", "url": format!("/users/{nobody}")}))
        .collect();
    let (mut sent, mut told) = (0, None);
    let refused = loop {
        let body = sim.call_as(&token, "POST", "/v1.0/$batch", &json!({"requests": parts})).await.unwrap().json();
        let parts = body["responses"].as_array().unwrap();
        let share = |part: &Value| part["headers"]["X-Ms-Throttle-Limit-Percentage"].as_str().map(ToOwned::to_owned);
        told = told.or_else(|| parts.iter().find_map(share).map(|share| (sent, share)));
        if let Some(part) = parts.iter().find(|part| part["status"] == 429) {
            break part.clone();
        }
        sent += parts.len();
        assert!(sent <= 3_000, "the limit never came");
    };
    assert!(sent >= 2_980, "{sent}");
    assert_eq!(refused["headers"]["X-Ms-Throttle-Information"], "WriteLimitExceeded");
    let (at, share) = told.expect("6.3: told from 0.8 on");
    assert!(at >= 2_380 && share.parse::<f64>().unwrap() >= 0.8, "{share} after {at}");
}

#[tokio::test]
async fn windows_pass_with_a_clock_that_runs() {
    let sim = Simulator::start(&["--users", "45", "--throttle", "on", "--clock-rate", "1"]);
    let token = sim.token("reader").await;
    let pull = async || {
        let path = "/v1.0/reports/getOffice365ActiveUserDetail(period='D7')";
        sim.call_as(&token, "GET", path, &Value::Null).await.unwrap().status
    };
    for _ in 0..14 {
        assert_eq!(pull().await, 302);
    }
    assert_eq!(pull().await, 429);
    sim.advance(601.0).await;
    let token = sim.token("reader").await;
    let path = "/v1.0/reports/getOffice365ActiveUserDetail(period='D7')";
    assert_eq!(sim.call_as(&token, "GET", path, &Value::Null).await.unwrap().status, 302);
}

#[tokio::test]
async fn a_429_may_be_early_wordless_and_called_otherwise() {
    let sim = Simulator::start(&["--users", "45", "--throttle", "on"]);
    let token = sim.token("reader").await;
    sim.settings(&json!({"early_429_per_mille": 200})).await;
    let mut early = 0;
    for _ in 0..60 {
        let answer = sim.call_as(&token, "GET", "/v1.0/organization", &Value::Null).await.unwrap();
        if answer.status == 429 {
            early += 1;
            assert_eq!(answer.header("retry-after"), "", "6.1: below every limit and without a time");
        }
    }
    assert!((4..=25).contains(&early), "{early}");
    sim.settings(&json!({"early_429_per_mille": 0, "hide_retry_after": true, "throttled_temporarily": true})).await;
    let path = "/v1.0/reports/getMailboxUsageDetail(period='D7')";
    for _ in 0..14 {
        sim.call_as(&token, "GET", path, &Value::Null).await.unwrap();
    }
    let refused = sim.call_as(&token, "GET", path, &Value::Null).await.unwrap();
    assert_eq!((refused.status, refused.code().as_str()), (429, "Request_ThrottledTemporarily"));
    assert_eq!(refused.header("retry-after"), "", "6.3: some never send it");
}

#[tokio::test]
async fn each_call_costs_its_published_units() {
    let sim = Simulator::start(&["--users", "60"]);
    let token = sim.token("everything").await;
    let id = sim.people().await[0].id().to_owned();
    let group = sim.all("/v1.0/groups?$select=id").await[0]["id"].as_str().unwrap().to_owned();
    let rows = [
        ("GET", "/v1.0/users".to_owned(), "2"),
        ("GET", "/v1.0/users?$top=5".to_owned(), "1"),
        ("GET", "/v1.0/users?$select=id&$top=500".to_owned(), "1"),
        ("GET", "/v1.0/users?$select=id&$expand=manager".to_owned(), "2"),
        ("GET", "/v1.0/subscribedSkus".to_owned(), "3"),
        ("GET", format!("/v1.0/users/{id}"), "1"),
        ("GET", format!("/v1.0/users/{id}/licenseDetails"), "2"),
        ("GET", format!("/v1.0/users/{id}/memberOf"), "2"),
        ("GET", format!("/v1.0/users/{id}/transitiveMemberOf"), "2"),
        ("GET", format!("/v1.0/groups/{group}/members"), "3"),
        ("GET", format!("/v1.0/groups/{group}/transitiveMembers"), "5"),
        ("POST", "/v1.0/directoryObjects/getByIds".to_owned(), "3"),
        ("POST", format!("/v1.0/users/{id}/assignLicense"), "1"),
    ];
    for (method, path, units) in rows {
        let body = json!({"ids": [id], "addLicenses": [], "removeLicenses": []});
        let body = if method == "GET" { Value::Null } else { body };
        let answer = sim.call_as(&token, method, &path, &body).await.unwrap();
        assert_eq!((answer.status, answer.header("x-ms-resource-unit")), (200, units), "{method} {path} (6.2)");
    }
}
