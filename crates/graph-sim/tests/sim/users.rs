//! Reading people.

use crate::support::Simulator;
use serde_json::{Value, json};
use std::collections::HashSet;

fn rows(body: &Value) -> usize {
    body["value"].as_array().unwrap().len()
}

#[tokio::test]
async fn pages_hold_100_or_up_to_999_and_500_with_sign_ins() {
    let sim = Simulator::start(&["--users", "1200"]);
    assert_eq!(rows(&sim.get("/v1.0/users").await.json()), 100);
    assert_eq!(rows(&sim.get("/v1.0/users?$top=999").await.json()), 999);
    assert_eq!(rows(&sim.get("/v1.0/users?$top=999&$select=id,signInActivity").await.json()), 500);
    let answer = sim.get("/v1.0/users?$top=1000").await;
    assert_eq!((answer.status, answer.code().as_str()), (400, "Request_UnsupportedQuery"));
    assert_eq!(answer.message(), "Invalid page size specified: '1000'. Must be between 1 and 999 inclusive.");
    sim.settings(&json!({"refuse_large_sign_in_pages": true})).await;
    let answer = sim.get("/v1.0/users?$top=501&$select=id,signInActivity").await;
    assert_eq!(
        (answer.status, answer.message().as_str()),
        (400, "Cannot query data for more than 500 users at a time.")
    );
}

#[tokio::test]
async fn following_next_links_meets_everybody_exactly_once() {
    let sim = Simulator::start(&["--users", "457"]);
    let everybody = sim.all("/v1.0/users?$top=100&$select=id,userPrincipalName").await;
    let ids: HashSet<&str> = everybody.iter().map(|row| row["id"].as_str().unwrap()).collect();
    let names: HashSet<&str> = everybody.iter().map(|row| row["userPrincipalName"].as_str().unwrap()).collect();
    assert_eq!((everybody.len(), ids.len(), names.len()), (457, 457, 457));
    assert_eq!(sim.ready["users"], 457);
}

#[tokio::test]
async fn a_next_link_says_nothing_about_its_position_and_dies_after_hours() {
    let sim = Simulator::usual();
    let first = sim.get("/v1.0/users?$top=50&$select=id").await.json();
    let link = first["@odata.nextLink"].as_str().unwrap();
    assert!(link.starts_with(sim.text("graph_url")), "the link is absolute: {link}");
    let token = link.split("$skiptoken=").nth(1).expect("the link carries a token");
    assert!(token.len() > 20 && !token.contains("50"), "{token}");
    assert_eq!(rows(&sim.get(link).await.json()), 50);
    sim.advance(9.0 * 3600.0).await;
    let answer = sim.get(link).await;
    assert_eq!((answer.status, answer.code().as_str()), (400, "Directory_ExpiredPageToken"));
}

#[tokio::test]
async fn select_projects_and_without_it_licenses_are_absent() {
    let sim = Simulator::usual();
    let plain = sim.get("/v1.0/users?$top=1").await.json();
    let keys: HashSet<&str> = plain["value"][0].as_object().unwrap().keys().map(String::as_str).collect();
    assert!(keys.contains("displayName") && !keys.contains("assignedLicenses") && !keys.contains("accountEnabled"));
    let chosen = sim.get("/v1.0/users?$top=1&$select=accountEnabled,assignedLicenses").await.json();
    let keys: HashSet<&str> = chosen["value"][0].as_object().unwrap().keys().map(String::as_str).collect();
    assert_eq!(keys, HashSet::from(["id", "accountEnabled", "assignedLicenses"]));
    assert_eq!(sim.get("/v1.0/users?$select=id,shoeSize").await.status, 400);
    assert_eq!(sim.get("/v1.0/users?$select=id,skills").await.status, 501);
    let answer = sim.get("/v1.0/users?$select=id,mailboxSettings").await;
    assert_eq!(answer.code(), "ExplicitTargetMailboxIdShouldNotBeNullOrWhiteSpace");
}

#[tokio::test]
async fn a_tenant_without_premium_refuses_the_whole_page_with_sign_ins() {
    let sim = Simulator::usual();
    sim.settings(&json!({"premium": false})).await;
    let answer = sim.get("/v1.0/users?$select=id,signInActivity").await;
    assert_eq!(answer.status, 403);
    assert_eq!(answer.code(), "Authentication_RequestFromNonPremiumTenantOrB2CTenant");
    assert_eq!(answer.message(), "Neither tenant is B2C or tenant doesn't have premium license");
    assert_eq!(sim.get("/v1.0/users?$select=id").await.status, 200);
}

#[tokio::test]
async fn who_never_signed_in_has_no_sign_in_object_at_all() {
    let sim = Simulator::usual();
    let people = sim.all("/v1.0/users?$top=500&$select=id,signInActivity").await;
    let without = people.iter().filter(|person| person.get("signInActivity").is_none()).count();
    let tried_only = people.iter().filter(|person| {
        let activity = &person["signInActivity"];
        activity["lastSignInDateTime"].is_string() && activity["lastSuccessfulSignInDateTime"].is_null()
    });
    assert!(without > 5, "{without} without");
    assert!(people.len() > without + 100);
    // A failed attempt refreshes the first date only; somebody whose last success is old shows both.
    let attacked = people.iter().filter(|person| {
        let text = |name: &str| person["signInActivity"][name].as_str().unwrap_or_default().to_owned();
        text("lastSignInDateTime") > text("lastSuccessfulSignInDateTime")
    });
    assert!(tried_only.count() + attacked.count() > 0);
}

#[tokio::test]
async fn advanced_queries_need_their_header_and_count_is_silently_ignored_without() {
    let sim = Simulator::usual();
    let token = sim.token("reader").await;
    let ask = async |path: &str, eventual: bool| {
        let mut request = sim.request("GET", path).bearer_auth(&token);
        if eventual {
            request = request.header("ConsistencyLevel", "eventual");
        }
        sim.ask(request).await.unwrap()
    };
    let counted = "/v1.0/users?$count=true&$top=1";
    assert!(ask(counted, false).await.json().get("@odata.count").is_none());
    assert_eq!(ask(counted, true).await.json()["@odata.count"], 300);
    assert_eq!(ask("/v1.0/users/$count", false).await.message(), "$count is not currently supported.");
    assert_eq!(ask("/v1.0/users/$count", true).await.text, "300");
    let licensed =
        "/v1.0/users?$filter=assignedLicenses/$count%20ne%200&$count=true&$select=id,assignedLicenses&$top=999";
    assert_eq!(ask(licensed, false).await.status, 400);
    let found = ask(licensed, true).await.json();
    assert!(rows(&found) > 100 && rows(&found) < 300);
    assert!(found["value"].as_array().unwrap().iter().all(|row| row["assignedLicenses"] != json!([])));
}

#[tokio::test]
async fn managers_come_expanded_or_one_at_a_time() {
    let sim = Simulator::usual();
    let people = sim.all("/v1.0/users?$top=999&$select=id&$expand=manager($select=id)").await;
    let led = people.iter().find(|person| person["manager"]["id"].is_string()).expect("somebody has a manager");
    let answer = sim.get(&format!("/v1.0/users/{}/manager", led["id"].as_str().unwrap())).await;
    assert_eq!(answer.json()["id"], led["manager"]["id"]);
    let alone = people.iter().find(|person| person.get("manager").is_none()).expect("somebody has none");
    let answer = sim.get(&format!("/v1.0/users/{}/manager", alone["id"].as_str().unwrap())).await;
    assert_eq!((answer.status, answer.code().as_str()), (404, "Request_ResourceNotFound"));
}

#[tokio::test]
async fn delta_gives_everybody_then_only_what_changed() {
    let sim = Simulator::start(&["--users", "120"]);
    let mut body = sim.get("/v1.0/users/delta?$select=displayName,assignedLicenses,accountEnabled").await.json();
    let mut met = rows(&body);
    while let Some(link) = body["@odata.nextLink"].as_str().map(ToOwned::to_owned) {
        body = sim.get(&link).await.json();
        met += rows(&body);
    }
    assert_eq!(met, 120);
    let link = body["@odata.deltaLink"].as_str().unwrap().to_owned();
    assert_eq!(rows(&sim.get(&link).await.json()), 0);
    let id = sim.people().await[3].id().to_owned();
    sim.control("PATCH", &format!("users/{id}"), &json!({"account_enabled": false})).await;
    let changed = sim.get(&link).await.json();
    assert_eq!((rows(&changed), &changed["value"][0]["id"]), (1, &json!(id)));
    assert_eq!(sim.get("/v1.0/users/delta?$select=id,signInActivity").await.status, 400);
    sim.advance(8.0 * 86_400.0).await;
    let expired = sim.get(&link).await;
    assert_eq!(expired.status, 410);
    assert!(expired.header("location").contains("$deltatoken="), "{}", expired.header("location"));
}
